/** The threads of a sweep: as many as there are cores at once, and more when the disk turns out to be slow. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FileCalls } from '../kernel/files.ts';
import type { Batch } from './walk.ts';
import type { Looked } from './reader.ts';
import type { WorkerAnswer, WorkerBatch, WorkerStart } from './worker.ts';

const most = 8;
const threadsForCore = 4;
/** A sweep that is over before that needs no more threads, which cost 30 ms each to start. */
const growAfter = 500;
/** So that a thread never waits for the next batch. */
const batchesForThread = 2;

export interface PoolOptions extends WorkerStart {
  readonly calls: FileCalls | undefined;
  readonly looked: (number: number, looked: Looked) => void;
  readonly failed: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  waiting: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #threads: Thread[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    this.#options = options;
    const cores = availableParallelism();
    for (let count = 0; count < Math.min(most, cores); count += 1) this.#add();
    this.#timer = setTimeout(() => {
      while (this.#threads.length < Math.min(most, threadsForCore * cores)) this.#add();
    }, growAfter);
  }

  /** Whether a thread could begin with another batch at once, or soon. */
  get hasRoom(): boolean {
    return this.#threads.some(({ waiting }) => waiting < batchesForThread);
  }

  give(number: number, { device, paths }: Batch): void {
    const [thread] = this.#threads.toSorted((one, other) => one.waiting - other.waiting);
    if (!thread) throw new Error('The sweep has no threads.');
    const packed = pack(paths);
    const batch: WorkerBatch = { number, device, paths: packed };
    thread.waiting += 1;
    thread.worker.postMessage(batch, [packed.buffer]);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #add(): void {
    const { rules, records, pace, calls, looked, failed } = this.#options;
    const data: WorkerStart = { rules, records, pace };
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const thread: Thread = { worker: new Worker(new URL(file, import.meta.url), { workerData: data }), waiting: 0 };
    thread.worker.on('message', (answer: WorkerAnswer) => {
      if (answer.type === 'thread') return calls?.yieldDisk(answer.thread);
      thread.waiting -= 1;
      looked(answer.number, answer.looked);
    });
    thread.worker.on('error', (error) => failed(error instanceof Error ? error : new Error(String(error))));
    this.#threads.push(thread);
  }
}

function pack(paths: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(paths.reduce((sum, { length }) => sum + length + 1, 0));
  let at = 0;
  for (const path of paths) {
    bytes.set(path, at);
    at += path.length + 1;
  }
  return bytes;
}
