/** Polls until a condition holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CordonError } from '@cordon/sdk';

/** Usually a few milliseconds are enough; on a busy machine a program takes seconds to start. */
const defaultTimeoutMs = 90_000;
/** Short pauses at first, for speed; longer ones later, to leave the processor to what is awaited. */
const [firstPauseMs, longestPauseMs, pauseGrowth] = [10, 100, 1.3];

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  /** What there is instead, for the error. */
  readonly instead?: () => string;
}

/** Calls `ask` until it returns a value. A server that cannot be reached counts as not yet started. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = defaultTimeoutMs, instead }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * pauseGrowth, longestPauseMs)) {
    const answer = await attempt(ask);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new Error(`Within ${timeoutMs / 1000} s this did not happen: ${what}.${instead ? ` ${instead()}` : ''}`);
    await sleep(pauseMs);
  }
}

async function attempt<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CordonError && error.kind === 'network') return undefined;
    throw error;
  }
}
