/** Unfinished sweeps, on disk: after a kill each continues where it was. */
import { Copy } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { valueIn, writeQuickly } from '../fs/durable.ts';
import type { ToScanner } from '../ipc/worker-messages.ts';

export type SweepRequest = Extract<ToScanner, { type: 'sweep' }>;

const Count = Type.Integer({ minimum: 0 });
const maxUnfinished = 16;

const Unfinished = Type.Object({
  task: Type.String(),
  /** The request as text: another request under the same name starts from the beginning. */
  request: Type.String(),
  place: Type.Object({
    root: Type.String(),
    folder: Type.String(),
    counts: Type.Object({ files: Count, bytes: Count, unreadable: Count }),
  }),
  found: Count,
  copies: Type.Array(Copy, { maxItems: 100 }),
});
export type Unfinished = Static<typeof Unfinished>;

const shape = Compile(Type.Array(Unfinished, { maxItems: maxUnfinished }));

export class UnfinishedSweeps {
  readonly #path: string;
  #all: Unfinished[];

  constructor(path: string) {
    this.#path = path;
    const value = valueIn(path);
    this.#all = shape.Check(value) ? value : [];
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
