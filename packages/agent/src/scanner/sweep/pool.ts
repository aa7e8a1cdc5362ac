/** The threads of a sweep: one for each core at first, and more when the disk turns out to be slow. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadProgram } from '../../entry.ts';
import type { FileCalls } from '../../kernel/file-calls.ts';
import type { Batch } from './walk.ts';
import type { Examined } from './reader.ts';
import type { WorkerAnswer, WorkerBatch, WorkerStart } from './worker.ts';

const maxThreads = 8;
const threadsForCore = 4;
/** How often disk reads are checked: more threads than cores help only while they wait. */
const growIntervalMs = 500;
/** What the kernel counts for disks, and what the disk keeps of a file besides its content (an inode of ext4). */
const bytes = { block: 512, inode: 256 } as const;
/** When a quarter of the bytes come from a disk, threads wait for it; otherwise they were in the cache. */
const cachedShare = 4;
/** So that a thread never waits for the next batch. */
const batchesForThread = 2;

export interface PoolOptions extends WorkerStart {
  readonly calls: FileCalls | undefined;
  readonly examined: (number: number, examined: Examined) => void;
  readonly failed: (error: Error) => void;
  /** Of a thread; another one only in a test. */
  readonly program?: URL;
}

interface Thread {
  readonly worker: Worker;
  waiting: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #threads: Thread[] = [];
  readonly #timer: NodeJS.Timeout;
  #closed = false;
  /** Bytes since the timer last fired. */
  #lookedAt = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    const cores = availableParallelism();
    for (let count = 0; count < Math.min(maxThreads, cores); count += 1) this.#add();
    let before = bytesFromDisks();
    this.#timer = setInterval(() => {
      const now = bytesFromDisks();
      if ((now - before) * cachedShare > this.#lookedAt) this.#grow(Math.min(maxThreads, threadsForCore * cores));
      [before, this.#lookedAt] = [now, 0];
    }, growIntervalMs);
  }

  /** Whether a thread could start another batch at once, or soon. */
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
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #grow(threads: number): void {
    clearInterval(this.#timer);
    while (this.#threads.length < threads) this.#add();
  }

  #add(): void {
    const { rules, records, pace, calls, examined, failed, program } = this.#options;
    const data: WorkerStart = { rules, records, pace };
    const worker = new Worker(program ?? threadProgram('scanner/sweep/worker'), { workerData: data });
    const thread: Thread = { worker, waiting: 0 };
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.type === 'thread') return calls?.yieldDisk(answer.thread);
      thread.waiting -= 1;
      this.#lookedAt += answer.examined.bytes + answer.examined.files * bytes.inode;
      examined(answer.number, answer.examined);
    });
    worker.on('error', (error) => failed(error instanceof Error ? error : new Error(String(error))));
    // Its batches would never be answered, and the sweep would never end.
    worker.on('exit', () => {
      if (!this.#closed) failed(new Error('A thread of the sweep ended early.'));
    });
    this.#threads.push(thread);
  }
}

/** Bytes that this process waited for: cached ones are not among them. */
function bytesFromDisks(): number {
  return process.resourceUsage().fsRead * bytes.block;
}

/** With a zero byte after each path. */
function pack(paths: readonly string[]): Buffer<ArrayBuffer> {
  const text = `${paths.join('\0')}\0`;
  const packed = Buffer.allocUnsafeSlow(text.length);
  packed.write(text, 'latin1');
  return packed;
}
