/** Waits for a fact that only shows when one asks for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CordonError } from '@cordon/sdk';

/** A real one comes within milliseconds; this is for a machine so busy that a program takes seconds to start. */
const defaultTimeoutMs = 30_000;
/** Looking again soon finds out soon; looking less often later leaves the processor to what is waited for. */
const [firstPauseMs, longestPauseMs, pauseGrowth] = [10, 100, 1.3];

/** Asks until the answer is something; a server that cannot be reached is one that is not there yet. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * pauseGrowth, longestPauseMs)) {
    const answer = await attempt(ask);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Within ${timeoutMs / 1000} s it did not happen that ${what}.`);
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
