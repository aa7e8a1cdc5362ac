/** Sweeps that are not finished, on disk: after a kill each goes on where it was. */
import { valueIn, writeQuickly } from '../fs/durable.ts';
import type { ToScanner } from '../ipc/worker-messages.ts';
import { fits } from '@cordon/protocol/shape';
import { unfinishedListShape } from './unfinished-sweeps.shape.ts';
import type { Unfinished } from './unfinished-sweeps.shape.ts';
import { maxUnfinished } from './max-unfinished.ts';

export type { Unfinished } from './unfinished-sweeps.shape.ts';

export type SweepRequest = Extract<ToScanner, { type: 'sweep' }>;

export class UnfinishedSweeps {
  readonly #path: string;
  #all: Unfinished[];

  constructor(path: string) {
    this.#path = path;
    const value = valueIn(path);
    this.#all = fits(unfinishedListShape, value) ? value : [];
  }

  of(request: SweepRequest): Unfinished | undefined {
    return this.#all.find(({ task, desired }) => task === request.task && desired === desiredOf(request));
  }

  /** Not forced to the disk: after a power cut a sweep goes on a little earlier. */
  save(request: SweepRequest, rest: Omit<Unfinished, 'task' | 'desired'>): void {
    const others = this.#all.filter(({ task }) => task !== request.task);
    this.#all = [...others, { task: request.task, desired: desiredOf(request), ...rest }].slice(-maxUnfinished);
    this.#write();
  }

  forget(task: string): void {
    const others = this.#all.filter((one) => one.task !== task);
    if (others.length === this.#all.length) return;
    this.#all = others;
    this.#write();
  }

  #write(): void {
    writeQuickly(this.#path, JSON.stringify(this.#all));
  }
}

/** How fast it may read is no part of what it looks for. */
function desiredOf({ find, roots, act }: SweepRequest): string {
  return JSON.stringify({ find, roots, act });
}
