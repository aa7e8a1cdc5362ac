/** Retries where it is safe: reads, and requests that never reached the server. */
import { CordonError, NetworkError, ProtocolError, RefusedError } from '../errors.ts';
import { pause } from './pause.ts';

export interface RetryOptions {
  /** Total attempts, including the first; 3 by default, 1 disables retries. */
  readonly attempts?: number;
  /** The first pause, in milliseconds; each later one is twice as long, up to ten seconds. 250 by default. */
  readonly firstPauseMs?: number;
}

export interface Retrying {
  readonly options: RetryOptions;
  /** Whether doing it twice has the same effect as once. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal | undefined;
  /** From 0 to 1, so that clients that failed together do not retry together. */
  readonly random: () => number;
}

const longestPauseMs = 10_000;

/** The request never arrived, so sending it again cannot do anything twice. */
const neverSent = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** A connection that broke or stayed silent: the result is unknown. */
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);
/** Temporary answers of proxies and busy servers. */
const passing = new Set([429, 502, 503, 504]);

/** The result of `attempt`, or the failure of the last one. */
export async function retrying<T>(attempt: () => Promise<T>, how: Retrying): Promise<T> {
  const { attempts = 3, firstPauseMs = 250 } = how.options;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= attempts || !worthAnother(error, how.repeatable)) throw error;
      const wait = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
      await pause(wait * (0.5 + how.random() / 2), how.signal);
    }
  }
}

/** Whether a failed read may work the next time: a broken connection, a busy server, a proxy without one. */
export function mayPass(error: unknown): boolean {
  return worthAnother(error, true);
}

/** Whether the failure is temporary, and a second request is harmless. */
function worthAnother(error: unknown, repeatable: boolean): boolean {
  if (!(error instanceof CordonError)) return false;
  if (error instanceof NetworkError) return neverSent.has(error.code) || (repeatable && brokenOff.has(error.code));
  if (error instanceof RefusedError) return error.reasons[0] === 'server-busy';
  return error instanceof ProtocolError && repeatable && passing.has(error.httpStatus);
}
