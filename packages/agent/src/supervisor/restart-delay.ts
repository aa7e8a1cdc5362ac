/** How long a process that died waits before it is started again. */
import { backoff } from '../backoff.ts';

/**
 * Not longer than a person who isolates an endpoint would wait: meanwhile nobody applies the desired state. A process
 * that cannot start at all costs a tenth of a core at this pace.
 */
const restart = { firstMs: 100, maxMs: 5000 } as const;
/** A process that lived this long has not failed to start. */
const healthyAfterMs = 10_000;

/** `failures` so far in a row and milliseconds `lived` make the new count and the milliseconds to wait. */
export function restartDelay(failures: number, lived: number): { failures: number; delay: number } {
  const counted = lived >= healthyAfterMs ? 0 : failures;
  return { failures: counted + 1, delay: backoff(counted, restart) };
}
