/** Reconcile loops: when work is due, and what calls it then. */
import { backoff } from './backoff.ts';
import type { Log } from './log.ts';
import { messageOf } from './message-of.ts';

/** When to reconcile next, by a clock that may be set back. Time is an argument. */
export class DueTime {
  readonly #maxWaitMs: number;
  #dueAt = 0;
  #failures = 0;

  /** Nothing ever waits longer than this, so a longer wait means that the clock was set back. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  scheduleIn(ms: number, now: number): void {
    this.#dueAt = now + ms;
  }

  /** Sooner, if it would be later than this. */
  bringForward(toAt: number): void {
    this.#dueAt = Math.min(this.#dueAt, toAt);
  }

  /** After a failure: each wait is twice as long as the one before, up to `maxMs`. */
  retry({ firstMs, maxMs }: { firstMs: number; maxMs: number }, now: number): void {
    this.scheduleIn(backoff(this.#failures, { firstMs, maxMs }), now);
    this.#failures += 1;
  }

  /** The next failure is the first again. */
  succeed(): void {
    this.#failures = 0;
  }

  isDue(now: number): boolean {
    return this.waitMs(now) === 0;
  }

  /** After a clock that was set back it is due at once: we must not sleep until the clock is where it was. */
  waitMs(now: number): number {
    if (this.#dueAt - now > this.#maxWaitMs) this.#dueAt = now;
    return Math.max(0, this.#dueAt - now);
  }
}

export interface ReconcileOptions {
  /** In the log. */
  readonly name: string;
  /** Answers how many milliseconds there are until the next run. */
  readonly reconcile: () => number | Promise<number>;
  readonly log: Log;
  /** After a run that threw. */
  readonly retryMs?: number;
  readonly failed?: (error: unknown) => void;
}

const defaultRetryMs = 1000;

/** Runs the same work again and again, one run at a time. A failure is logged and ends nothing. */
export class ReconcileLoop {
  readonly #options: ReconcileOptions;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  /** Another run was requested during one. */
  #asked = false;
  #stopped = false;

  constructor(options: ReconcileOptions) {
    this.#options = options;
  }

  /** Now, or right after the current run. */
  run(): void {
    this.#asked = this.#running;
    if (this.#stopped || this.#running) return;
    clearTimeout(this.#timer);
    this.#running = true;
    try {
      const waitMs = this.#options.reconcile();
      if (typeof waitMs === 'number') return this.#finish(waitMs);
      waitMs.then(
        (ms) => this.#finish(ms),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Replaces the scheduled run. */
  runIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#running) this.#asked = true;
    else if (!this.#stopped) this.#timer = setTimeout(() => this.run(), ms);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #finish(waitMs: number): void {
    this.#running = false;
    const asked = this.#asked;
    this.#asked = false;
    this.runIn(asked ? 0 : waitMs);
  }

  #fail(error: unknown): void {
    const { name, log, failed, retryMs = defaultRetryMs } = this.#options;
    if (failed) failed(error);
    else log('failed', { what: name, message: messageOf(error) });
    this.#finish(retryMs);
  }
}
