/** Sweeps that are not finished, on disk: after a kill each goes on where it was. */
import { Copy } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { valueIn, writeQuickly } from '../fs/durable.ts';
import type { ToScanner } from '../ipc/worker-messages.ts';

export type SweepRequest = Extract<ToScanner, { type: 'sweep' }>;

const Count = Type.Integer({ minimum: 0 });
const most = 16;

const Unfinished = Type.Object({
  task: Type.String(),
  /** What was asked, as text: another wish under the same name begins anew. */
  desired: Type.String(),
  place: Type.Object({
    root: Type.String(),
    folder: Type.String(),
    counts: Type.Object({ files: Count, bytes: Count, unreadable: Count }),
  }),
  found: Count,
  copies: Type.Array(Copy, { maxItems: 100 }),
});
export type Unfinished = Static<typeof Unfinished>;

const shape = Compile(Type.Array(Unfinished, { maxItems: most }));

export class UnfinishedSweeps {
  readonly #path: string;
  #all: Unfinished[];

  constructor(path: string) {
    this.#path = path;
    const value = valueIn(path);
    this.#all = shape.Check(value) ? value : [];
  }

  of(request: SweepRequest): Unfinished | undefined {
    return this.#all.find(({ task, desired }) => task === request.task && desired === desiredOf(request));
  }

  /** Not forced to the disk: after a power cut a sweep goes on a little earlier. */
  save(request: SweepRequest, rest: Omit<Unfinished, 'task' | 'desired'>): void {
    const others = this.#all.filter(({ task }) => task !== request.task);
    this.#all = [...others, { task: request.task, desired: desiredOf(request), ...rest }].slice(-most);
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
