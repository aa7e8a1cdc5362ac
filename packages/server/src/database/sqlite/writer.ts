/** Writes of one moment share one commit: each in its own savepoint, all acknowledged after the fsync. */
import { Worker } from 'node:worker_threads';
import type { SQLInputValue } from 'node:sqlite';
import { threadProgram } from '../../program.ts';
import type { WorkerAnswer, WorkerRequest } from './worker.ts';

export interface StatementResult {
  readonly rows: unknown[];
  readonly changes: number;
  readonly lastId: number;
}

interface Waiting {
  resolve(result: StatementResult): void;
  reject(error: Error): void;
}

interface Job {
  run(): Promise<void>;
  succeed(): void;
  fail(error: unknown): void;
}

/** After this many a commit is due, so that the first of them does not wait endlessly under load. */
const maxPerCommit = 256;

export class Writer {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #jobs: Job[] = [];
  #outbox: WorkerRequest[] = [];
  #lastId = 0;
  #running = false;
  #dead: Error | undefined;

  constructor(file: string) {
    this.#worker = new Worker(threadProgram('database/sqlite/worker'), { workerData: file });
    this.#worker.on('message', (answers: readonly WorkerAnswer[]) => answers.forEach((one) => this.#settle(one)));
    this.#worker.on('error', (error: unknown) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#die(new Error('The database is closed.')));
  }

  /** Runs one statement inside the open transaction. */
  execute(sql: string, values: readonly SQLInputValue[]): Promise<StatementResult> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ id, sql, values });
    });
  }

  /** Runs `work` in a savepoint; resolves once the surrounding transaction is durable. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let value: T;
      this.#jobs.push({
        run: async () => {
          value = await work();
        },
        succeed: () => resolve(value),
        fail: reject,
      });
      if (!this.#running) void this.#drain();
    });
  }

  /** Waits for earlier requests, then ends the thread. */
  async close(): Promise<void> {
    await this.transaction(async () => {});
    await this.#worker.terminate();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#jobs.length > 0) await this.#commitSome();
    this.#running = false;
  }

  async #commitSome(): Promise<void> {
    if (!(await this.#begin())) return;
    const done: Job[] = [];
    try {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
        if (await this.#inSavepoint(job)) done.push(job);
        if (done.length >= maxPerCommit) break;
      }
      await this.execute('commit', []);
      for (const job of done) job.succeed();
    } catch (error) {
      for (const job of done) job.fail(error);
      await this.#rollBack();
    }
  }

  /** False if the database accepts no transaction now: waiting writes are rejected, and their callers may retry. */
  async #begin(): Promise<boolean> {
    try {
      await this.execute('begin immediate', []);
      return true;
    } catch (error) {
      for (const job of this.#jobs.splice(0)) job.fail(error);
      return false;
    }
  }

  /** True if the job's statements are part of the transaction; a failed job leaves no trace in it. */
  async #inSavepoint(job: Job): Promise<boolean> {
    this.#post({ id: 0, sql: 'savepoint job', values: [] });
    try {
      await job.run();
      this.#post({ id: 0, sql: 'release job', values: [] });
      return true;
    } catch (error) {
      this.#post({ id: 0, sql: 'rollback to job', values: [] });
      this.#post({ id: 0, sql: 'release job', values: [] });
      job.fail(error);
      return false;
    }
  }

  async #rollBack(): Promise<void> {
    try {
      await this.execute('rollback', []);
    } catch (error) {
      // No transaction is open any more (a full disk ends it), which is the state that a rollback should leave.
      if (this.#dead === undefined) process.emitWarning(`rollback: ${String(error)}`);
    }
  }

  /** Statements of one turn of the event loop are sent as one message. */
  #post(request: WorkerRequest): void {
    this.#outbox.push(request);
    if (this.#outbox.length > 1) return;
    queueMicrotask(() => {
      this.#worker.postMessage(this.#outbox);
      this.#outbox = [];
    });
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) {
      if (waiting === undefined) this.#die(new Error(`The database writer failed: ${answer.error}`));
      else waiting.reject(new Error(answer.error));
    } else waiting?.resolve(answer);
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead);
    this.#waiting.clear();
  }
}
