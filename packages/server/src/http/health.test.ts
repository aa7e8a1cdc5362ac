/** The health of a node whose database fails or hangs: one write at a time, one warning a write, an answer in time. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Health } from './health.ts';

let now: number;
let writes: PromiseWithResolvers<void>[];
let warned: string[];
let health: Health;

beforeEach(() => {
  [now, writes, warned] = [0, [], []];
  const tryWriting = (): Promise<void> => {
    const write = Promise.withResolvers<void>();
    writes.push(write);
    return write.promise;
  };
  health = new Health({ tryWriting, now: () => now, warn: (problem) => void warned.push(problem) }, 20);
});

describe('the health of a node', () => {
  it('is what one write a second says, for all who ask', async () => {
    const asked = [health.isWell(), health.isWell()];
    writes[0]?.resolve();
    expect(await Promise.all(asked)).toEqual([true, true]);
    now = 999;
    expect([await health.isWell(), writes.length]).toEqual([true, 1]);
    now = 1000;
    const again = health.isWell();
    writes[1]?.reject(new Error('gone'));
    expect([await again, await health.isWell(), writes.length]).toEqual([false, false, 2]);
    expect(warned).toEqual(['The database cannot be written to: Error: gone']);
  });

  it('is bad while a write hangs, which no second write joins, and good again once it ends', async () => {
    expect(await health.isWell()).toBe(false);
    now = 60_000;
    expect([await health.isWell(), writes.length]).toEqual([false, 1]);
    writes[0]?.resolve();
    expect([await health.isWell(), writes.length]).toEqual([true, 1]);
  });
});
