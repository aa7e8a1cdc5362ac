/** How long the agent's processes stay down after they die. */
import { expect, test } from 'vitest';
import { restartDelay } from './restart-delay.ts';

test('a process that dies at once again and again waits twice as long each time, and never more than 5 s', () => {
  const delays: number[] = [];
  let failures = 0;
  for (let death = 0; death < 9; death += 1) {
    const next = restartDelay(failures, 50);
    delays.push(next.delay);
    failures = next.failures;
  }
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('a process that ran for 10 s is started again at once, whatever happened before', () => {
  expect(restartDelay(30, 10_000)).toEqual({ failures: 1, delay: 100 });
});
