/** The milliseconds to wait after this many failures in a row: twice as long each time, up to a limit. */

export function backoff(failures: number, { firstMs, maxMs }: { firstMs: number; maxMs: number }): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures, 20));
}
