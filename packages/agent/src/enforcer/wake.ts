/** Keeps the enforcer awake: calls it when it asked to be called, and whatever fails does not end it. */
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';

/** Calls `tick` when it asked to be called. */
export class Wake {
  readonly #tick: () => number;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: () => number, log: Log) {
    this.#tick = tick;
    this.#log = log;
  }

  reset(): void {
    this.stop();
    let wait = 1000;
    attempt(this.#log, 'tick', () => (wait = this.#tick()));
    this.#timer = setTimeout(() => this.reset(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** One message that cannot be handled (a full disk, say) must not end the process that holds the tables. */
export function attempt(log: Log, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    log('failed', { what, message: messageOf(error) });
  }
}
