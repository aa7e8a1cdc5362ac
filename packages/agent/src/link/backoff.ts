/** Decides which gateway to try next, and after how long. */
import type { ChannelRefusal } from '@cordon/protocol/channel';

const base = 100;
/** Ten thousand agents spread over this make fewer than a thousand handshakes a second. */
const cap = 15_000;
/** A channel that lived this long was a good one; the next failure is a new story. */
const goodAfter = 5000;
/**
 * A gateway that welcomed us and was gone again is there, if not well: it is not left alone for longer than a window of
 * 3.2 s, and not overrun either.
 */
const roundsAfterWelcome = 5;

/** Least milliseconds after a refusal that time alone does not mend. */
const slow = 30_000;
/** Nothing that a quick retry could change. */
const slowReasons: ReadonlySet<string> = new Set<ChannelRefusal>(['agent-unknown', 'replaced', 'hello-invalid']);

export interface Ended {
  /** Milliseconds from welcome to the end; 0 when there was no welcome. */
  readonly lasted: number;
  /** Why the gateway refused us, if it did. */
  readonly refusal: string | undefined;
}

/** Failures in a row over this many gateways, this one included. */
export function failuresAfter(failures: number, ended: Ended, gateways: number): number {
  if (ended.lasted >= goodAfter) return 0;
  return ended.lasted > 0 ? Math.min(failures + 1, roundsAfterWelcome * gateways) : failures + 1;
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
  if (attempt.refusal !== undefined && slowReasons.has(attempt.refusal)) return slow + random * slow;
  const round = Math.floor(attempt.failures / Math.max(1, attempt.gateways));
  return random * Math.min(cap, base * 2 ** Math.min(round, 20));
}
