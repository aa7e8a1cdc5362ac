/** The quarantine for the rest of the process: requests to its thread, answered one after the other. */
import { Worker } from 'node:worker_threads';
import { threadProgram } from '../../entry.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { QuarantineFailure } from './failure.ts';
import type { QuarantineAnswer, QuarantineAnswers, QuarantineRequest, QuarantineWork } from './worker.ts';

/** A thread that fails at once is not started for each file of a sweep. */
const restartDelayMs = 1000;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: QuarantineFailure) => void;
}

export interface QuarantineThreadOptions {
  /** Why the quarantine does not work, each time that this changes. */
  readonly changed?: (problem: Problem) => void;
  /** For tests of a thread that fails. */
  readonly program?: URL;
}

export class QuarantineThread {
  readonly #folder: string;
  readonly #options: QuarantineThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #id = 0;
  #problem: Problem;
  #startAgainAt = -Infinity;
  #closed = false;

  /** The thread, and the folder, are made when they are first needed, and the thread again after it has died. */
  constructor(folder: string, options: QuarantineThreadOptions = {}) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Rejects with a QuarantineFailure, whatever failed: the next request may work. */
  ask<K extends QuarantineWork['kind']>(work: Extract<QuarantineWork, { kind: K }>): Promise<QuarantineAnswers[K]> {
    if (this.#closed) return Promise.reject(new QuarantineFailure('failed', 'The agent is being stopped.'));
    if (!this.#worker && performance.now() < this.#startAgainAt)
      return Promise.reject(new QuarantineFailure('failed', this.#problem ?? 'The quarantine is being started again.'));
    this.#id += 1;
    const request: QuarantineRequest = { id: this.#id, work };
    return new Promise<QuarantineAnswers[K]>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  /** Unfinished work is finished or undone at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const program = this.#options.program ?? threadProgram('scanner/quarantine/worker');
    const worker = new Worker(program, { workerData: { folder: this.#folder } });
    worker.on('message', (answer: QuarantineAnswer) => this.#settle(answer));
    // An error is followed by an exit, and by then another thread may be at work.
    worker.on('error', (error) => this.#onExit(worker, messageOf(error)));
    worker.on('exit', (code) => this.#onExit(worker, `it ended with ${code}.`));
    return worker;
  }

  #settle(answer: QuarantineAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    this.#changed(answer.kind === 'unopened' ? answer.message : undefined);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread answers each kind of work with its own
    if (answer.kind === 'done') waiting?.resolve(answer.value as never);
    else waiting?.reject(new QuarantineFailure(answer.kind === 'failed' ? answer.reason : 'failed', answer.message));
  }

  #onExit(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#startAgainAt = performance.now() + restartDelayMs;
    const message = this.#closed
      ? 'The agent is being stopped.'
      : `The thread that keeps the quarantine failed: ${why}`;
    if (!this.#closed) this.#changed(message);
    for (const { reject } of this.#waiting.values()) reject(new QuarantineFailure('failed', message));
    this.#waiting.clear();
  }

  #changed(problem: Problem): void {
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#options.changed?.(problem);
  }
}
