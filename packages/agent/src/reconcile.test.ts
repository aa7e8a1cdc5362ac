/** Due times and loops, with time as an argument or played. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DueTime, ReconcileLoop } from './reconcile.ts';

describe('a due time', () => {
  test('is due at once, and again after its interval', () => {
    const due = new DueTime(60_000);
    expect(due.isDue(1000)).toBe(true);
    due.scheduleIn(2000, 1000);
    expect(due.isDue(2999)).toBe(false);
    expect(due.waitMs(2500)).toBe(500);
    expect(due.isDue(3000)).toBe(true);
    expect(due.waitMs(9000)).toBe(0);
  });

  test('is brought forward, and never put off', () => {
    const due = new DueTime(60_000);
    due.scheduleIn(2000, 1000);
    due.bringForward(1500);
    expect(due.waitMs(1000)).toBe(500);
    due.bringForward(2500);
    expect(due.waitMs(1000)).toBe(500);
  });

  test('backs off with each failure, up to a limit, and begins again after a success', () => {
    const due = new DueTime(60_000);
    const waits = Array.from({ length: 5 }, () => {
      due.retry({ firstMs: 100, maxMs: 500 }, 0);
      return due.waitMs(0);
    });
    expect(waits).toEqual([100, 200, 400, 500, 500]);
    due.succeed();
    due.retry({ firstMs: 100, maxMs: 500 }, 0);
    expect(due.waitMs(0)).toBe(100);
  });

  test('is due at once after a clock was set back by more than any wait', () => {
    const due = new DueTime(15_000);
    due.scheduleIn(15_000, 1_000_000);
    expect(due.isDue(999_999)).toBe(true);
    due.scheduleIn(15_000, 1_000_000);
    expect(due.isDue(1_000_000)).toBe(false);
  });
});

describe('a loop', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const log = vi.fn();

  test('runs when it asked to, and at once on request', () => {
    const reconcile = vi.fn(() => 500);
    const loop = new ReconcileLoop({ name: 'test', reconcile, log });
    loop.run();
    expect(reconcile).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(499);
    expect(reconcile).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(reconcile).toHaveBeenCalledTimes(2);
    loop.runIn(10);
    vi.advanceTimersByTime(10);
    expect(reconcile).toHaveBeenCalledTimes(3);
    loop.stop();
    loop.run();
    vi.advanceTimersByTime(5000);
    expect(reconcile).toHaveBeenCalledTimes(3);
  });

  test('goes on after a failure, which it logs', () => {
    const reconcile = vi.fn((): number => {
      throw new Error('The disk is full.');
    });
    const loop = new ReconcileLoop({ name: 'test', reconcile, log, retryMs: 50 });
    loop.run();
    expect(log).toHaveBeenLastCalledWith('failed', { what: 'test', message: 'The disk is full.' });
    vi.advanceTimersByTime(50);
    expect(reconcile).toHaveBeenCalledTimes(2);
    loop.stop();
  });

  test('never runs twice at once, and runs again for what was asked meanwhile', async () => {
    const finish: (() => void)[] = [];
    const reconcile = vi.fn(async () => new Promise<number>((resolve) => finish.push(() => resolve(60_000))));
    const loop = new ReconcileLoop({ name: 'test', reconcile, log });
    loop.run();
    loop.run();
    loop.runIn(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reconcile).toHaveBeenCalledTimes(1);
    finish[0]?.();
    await vi.advanceTimersByTimeAsync(1);
    expect(reconcile).toHaveBeenCalledTimes(2);
    finish[1]?.();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(reconcile).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(reconcile).toHaveBeenCalledTimes(3);
    loop.stop();
  });
});
