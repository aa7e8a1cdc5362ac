/** Decides which gateway to try next, and after how long. */
import type { ChannelRefusal } from '@cordon/protocol/channel';
import { backoff } from '../backoff.ts';

/** Ten thousand agents spread over the maximum make fewer than a thousand handshakes a second. */
const retry = { firstMs: 100, maxMs: 15_000 } as const;
/** A channel that lived this long was a good one; the next failure counts from zero. */
const goodAfterMs = 5000;
/**
 * A gateway that welcomed us and closed again is there, if not well: we wait for it no longer than a window of 3.2 s,
 * and do not overrun it either.
 */
const maxRoundsAfterWelcome = 5;

/** Least milliseconds after a refusal that time alone does not mend. */
const slowRetryMs = 30_000;
/** Nothing that a quick retry could change. */
const slowReasons: ReadonlySet<string> = new Set<ChannelRefusal>(['agent-unknown', 'replaced', 'hello-invalid']);

export interface EndedConnection {
  /** Milliseconds from welcome to the end; 0 when there was no welcome. */
  readonly lasted: number;
  /** Why the gateway refused us, if it did. */
  readonly refusal: string | undefined;
}

/** Failures in a row over this many gateways, this one included. */
export function failuresAfter(failures: number, ended: EndedConnection, gateways: number): number {
  if (ended.lasted >= goodAfterMs) return 0;
  return ended.lasted > 0 ? Math.min(failures + 1, maxRoundsAfterWelcome * gateways) : failures + 1;
}

/** The home first, then each other gateway in turn. */
export function gatewayAt<G>(gateways: readonly G[], failures: number): G | undefined {
  return gateways[failures % gateways.length];
}

/**
 * Full jitter: ten thousand agents whose server restarts spread evenly over the whole delay. It grows once a round,
 * because the second gateway is not to blame for the first.
 */
export function delayBefore(
  attempt: { failures: number; gateways: number; refusal: string | undefined },
  random: number,
): number {
  if (attempt.refusal !== undefined && slowReasons.has(attempt.refusal)) return slowRetryMs + random * slowRetryMs;
  return random * backoff(Math.floor(attempt.failures / Math.max(1, attempt.gateways)), retry);
}
