/**
 * Queues password checks: each takes 32 MiB and a core, so only a few run at once, and one per address. Many from one
 * address do not delay others.
 */
import { ConsoleRefusal } from '../http/console-refusal.ts';

const maxAtOnce = 4;
const maxWaitingOfOne = 8;
const maxWaiting = 64;

interface Waiting {
  readonly address: string;
  readonly begin: () => void;
}

export class PasswordQueue {
  readonly #running = new Set<string>();
  #waiting: Waiting[] = [];

  /** Runs `work` when it is the turn of `address`, or refuses if too many wait. */
  async take<T>(address: string, work: () => Promise<T>): Promise<T> {
    await this.#turnOf(address);
    try {
      return await work();
    } finally {
      this.#running.delete(address);
      this.#next();
    }
  }

  #turnOf(address: string): Promise<void> {
    const ofOne = this.#waiting.filter((one) => one.address === address).length;
    if (ofOne >= maxWaitingOfOne || this.#waiting.length >= maxWaiting) {
      const message = 'Too many people are signing in. Try again in a second.';
      throw new ConsoleRefusal(503, 'too-many', message);
    }
    return new Promise((begin) => {
      this.#waiting.push({ address, begin });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running.size >= maxAtOnce) return;
    const next = this.#waiting.find((one) => !this.#running.has(one.address));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    this.#running.add(next.address);
    next.begin();
  }
}
