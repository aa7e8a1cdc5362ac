/** How far a task is: counted here, told at most twice a second, and at the end once more. */
import type { Copy } from '@cordon/protocol/channel';
import type { FromFiles } from '../ipc/worker-messages.ts';

export type Progress = Extract<FromFiles, { type: 'progress' }>;
export type Counts = Pick<Progress, 'files' | 'bytes' | 'unreadable'>;

const toldEvery = 500;
const mostCopies = 100;
const longestSentence = 1000;

export class Teller {
  readonly #tell: (progress: Progress) => void;
  #progress: Progress;
  #toldAt = -Infinity;

  constructor(task: string, kind: string, tell: (progress: Progress) => void) {
    this.#tell = tell;
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
      sentence: null,
    };
  }

  get now(): Progress {
    return this.#progress;
  }

  counted(counts: Partial<Counts> & { readonly of?: number | null }): void {
    this.#progress = { ...this.#progress, ...counts };
    if (performance.now() - this.#toldAt >= toldEvery) this.say();
  }

  get wantsCopies(): boolean {
    return this.#progress.copies.length < mostCopies;
  }

  found(copy: Copy | undefined): void {
    const { found, copies } = this.#progress;
    const more = copy && copies.length < mostCopies ? [...copies, copy] : copies;
    this.#progress = { ...this.#progress, found: found + 1, copies: more };
  }

  /** Goes on with what was found before a restart. */
  resume({ found, copies }: Pick<Progress, 'found' | 'copies'>): void {
    this.#progress = { ...this.#progress, found, copies };
  }

  say(): void {
    this.#toldAt = performance.now();
    this.#tell(this.#progress);
  }

  end(state: Progress['state'], sentences: readonly string[]): void {
    const sentence = sentences.length > 0 ? sentences.join(' ').slice(0, longestSentence).toWellFormed() : null;
    const of = state === 'done' ? this.#progress.files : this.#progress.of;
    this.#progress = { ...this.#progress, state, of, sentence };
    this.say();
  }
}
