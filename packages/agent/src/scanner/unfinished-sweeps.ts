/** Unfinished sweeps, on disk: after a kill each continues where it was. */
import { fits } from '@cordon/protocol/shape';
import { valueIn, writeQuickly } from '../fs/durable.ts';
import type { ToScanner } from '../ipc/worker-messages.ts';
import { unfinishedListShape } from './unfinished-sweeps.shape.ts';
import type { Unfinished } from './unfinished-sweeps.shape.ts';

export type { Unfinished } from './unfinished-sweeps.shape.ts';

/** More than run at once; the oldest give way. */
const maxUnfinished = 16;

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
    return this.#all.find((one) => one.task === request.task && one.request === textOf(request));
  }

  /** Not forced to the disk: after a power cut a sweep continues a little earlier. */
  save(request: SweepRequest, rest: Omit<Unfinished, 'task' | 'request'>): void {
    const others = this.#all.filter(({ task }) => task !== request.task);
    this.#all = [...others, { task: request.task, request: textOf(request), ...rest }].slice(-maxUnfinished);
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

/** Without the speed limit, which does not change what is looked for. */
function textOf({ find, roots, act }: SweepRequest): string {
  return JSON.stringify({ find, roots, act });
}
