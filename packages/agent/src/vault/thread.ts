/** The vault as the rest of the process has it: questions to its thread, answered one after the other. */
import { Worker } from 'node:worker_threads';
import { VaultFailure } from './failure.ts';
import type { VaultAnswer, VaultAnswers, VaultRequest, VaultWork } from './worker.ts';

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class VaultThread {
  readonly #folder: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #id = 0;
  #dead: Error | undefined;

  /** The thread, and the folder, are made when they are first needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with a VaultFailure when it could not be done, and with another error when the thread is gone. */
  ask<K extends VaultWork['kind']>(work: Extract<VaultWork, { kind: K }>): Promise<VaultAnswers[K]> {
    if (this.#dead) return Promise.reject(this.#dead);
    this.#id += 1;
    const request: VaultRequest = { id: this.#id, work };
    return new Promise<VaultAnswers[K]>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  /** What is under way is finished, or taken back, at the next start. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: { folder: this.#folder } });
    worker.on('message', (answer: VaultAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#die(new Error('The vault is closed.')));
    return worker;
  }

  #settle(answer: VaultAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting?.reject(new VaultFailure(answer.failure.reason, answer.failure.sentence));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread answers each kind with its own
    else waiting?.resolve(answer.value as never);
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}
