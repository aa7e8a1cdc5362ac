/** How long a process that died waits before it is started again. */

const base = 100;
const cap = 30_000;
/** Who lived this long has not failed to start. */
const healthyAfter = 10_000;

export function restartDelay(failures: number, lived: number): { failures: number; delay: number } {
  const counted = lived >= healthyAfter ? 0 : failures;
  return { failures: counted + 1, delay: Math.min(cap, base * 2 ** Math.min(counted, 20)) };
}
