/** When a failed delivery is retried. */
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('the pause after a failure', () => {
  it('doubles from a second to an hour', () => {
    expect([1, 2, 3, 4, 13, 400].map((failures) => backoffMs(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 3_600_000, 3_600_000,
    ]);
  });

  it('is shorter by chance, and never by more than a half', () => {
    expect(backoffMs(3, 0)).toBe(2000);
    expect(backoffMs(3, 0.5)).toBe(3000);
  });
});
