/** Counts how far a task is, and reports it at most twice a second and at the end. */
import type { Copy } from '@cordon/protocol/channel';
import type { FromScanner } from '../ipc/worker-messages.ts';

export type Progress = Extract<FromScanner, { type: 'progress' }>;
export type Counts = Pick<Progress, 'files' | 'bytes' | 'unreadable'>;

const sendIntervalMs = 500;
const maxCopies = 100;
const maxMessageLength = 1000;

export class ProgressReporter {
  readonly #send: (progress: Progress) => void;
  #progress: Progress;
  #sentAt = -Infinity;

  constructor(task: string, kind: string, send: (progress: Progress) => void) {
    this.#send = send;
    this.#progress = {
      type: 'progress',
      task,
      kind,
      state: 'running',
      files: 0,
      of: null,
      bytes: 0,
      unreadable: 0,
      found: 0,
      copies: [],
      message: null,
    };
  }

  get now(): Progress {
    return this.#progress;
  }

  counted(counts: Partial<Counts> & { readonly of?: number | null }): void {
    this.#progress = { ...this.#progress, ...counts };
    if (performance.now() - this.#sentAt >= sendIntervalMs) this.report();
  }

  get wantsCopies(): boolean {
    return this.#progress.copies.length < maxCopies;
  }

  found(copy: Copy | undefined): void {
    const { found, copies } = this.#progress;
    const more = copy && copies.length < maxCopies ? [...copies, copy] : copies;
    this.#progress = { ...this.#progress, found: found + 1, copies: more };
  }

  /** Continues with what was found before a restart. */
  resume({ found, copies }: Pick<Progress, 'found' | 'copies'>): void {
    this.#progress = { ...this.#progress, found, copies };
  }

  report(): void {
    this.#sentAt = performance.now();
    this.#send(this.#progress);
  }

  end(state: Progress['state'], messages: readonly string[]): void {
    const message = messages.length > 0 ? messages.join(' ').slice(0, maxMessageLength).toWellFormed() : null;
    const of = state === 'done' ? this.#progress.files : this.#progress.of;
    this.#progress = { ...this.#progress, state, of, message };
    this.report();
  }
}
