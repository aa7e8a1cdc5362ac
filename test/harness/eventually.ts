/** Waits for a fact that only shows when one asks for it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A real one comes within milliseconds; this is for a machine that is very busy. */
const patience = 25_000;
const pause = 20;

/** Asks until the answer is something; an Error of the asking itself counts as not yet. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const [answer, error] = await attempt(ask);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline)
      throw new Error(`Within ${patience / 1000} s it did not happen that ${what}.`, { cause: error });
    await sleep(pause);
  }
}

async function attempt<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<[T | undefined, unknown]> {
  try {
    return [await ask(), undefined];
  } catch (error) {
    return [undefined, error];
  }
}
