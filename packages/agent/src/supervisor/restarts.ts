/** How long a process that died waits before it is started again. */

const base = 100;
/**
 * Not longer than somebody who isolates an endpoint would wait: an order is carried out by nobody meanwhile. A part
 * that cannot start at all costs a tenth of a core at this pace.
 */
const cap = 5000;
/** Who lived this long has not failed to start. */
const healthyAfter = 10_000;

/** `failures` so far in a row and milliseconds `lived` make the new count and the milliseconds to wait. */
export function restartDelay(failures: number, lived: number): { failures: number; delay: number } {
  const counted = lived >= healthyAfter ? 0 : failures;
  return { failures: counted + 1, delay: Math.min(cap, base * 2 ** Math.min(counted, 20)) };
}
