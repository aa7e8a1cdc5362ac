/** The order in which passwords are checked. */
import { expect, test } from 'vitest';
import { PasswordQueue } from './password-queue.ts';

/** Work that ends when the test says so. */
function held(): { work: () => Promise<void>; begun: () => boolean; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = false;
  const work = async (): Promise<void> => {
    begun = true;
    await promise;
  };
  return { work, begun: () => begun, end: resolve };
}

test('one of each address is judged at once, and four in all', async () => {
  const queue = new PasswordQueue();
  const works = ['a', 'a', 'b', 'c', 'd', 'e'].map((address) => Object.assign({ address }, held()));
  const all = works.map((one) => queue.take(one.address, one.work));
  await Promise.resolve();
  expect(works.map((one) => one.begun())).toEqual([true, false, true, true, true, false]);
  works[0]?.end();
  await all[0];
  expect(works.map((one) => one.begun())).toEqual([true, true, true, true, true, false]);
  for (const one of works) one.end();
  await Promise.all(all);
  expect(works.every((one) => one.begun())).toBe(true);
});

test('an address that sends many is refused before others are, and work that fails ends its turn', async () => {
  const queue = new PasswordQueue();
  const first = held();
  const running = queue.take('a', first.work);
  const waiting = Array.from({ length: 8 }, () => queue.take('a', async () => Promise.reject(new Error('wrong'))));
  const outcomes = Promise.allSettled(waiting);
  await expect(queue.take('a', async () => 'in')).rejects.toMatchObject({ status: 503, reason: 'too-many' });
  expect(await queue.take('b', async () => 'in')).toBe('in');
  first.end();
  await running;
  expect((await outcomes).map((one) => one.status)).toEqual(Array.from({ length: 8 }, () => 'rejected'));
  expect(await queue.take('a', async () => 'in')).toBe('in');
});
