/** A reader: takes one event after the other from the kernel, and decides or hands over. */
import { closeSync, readSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { codeOf } from '../../message-of.ts';
import { allow, answerBytes, eventBytes, eventIn, fanotifyCalls, writeAnswer } from '../../kernel/fanotify.ts';
import type { FileEvent } from '../../kernel/fanotify.ts';
import { begin, finish, handOver, isTrusted, wakeHasher, answer } from './pending-events.ts';
import { Examiner, sha1 } from './examiner.ts';
import type { Sha1 } from './examiner.ts';
import type { WorkerInit } from './thread-snapshot.ts';

/** Never returns. Everything is loaded before the first event: a thread that loads a file later might wait for itself. */
export function serve(init: WorkerInit, sha1Of: Sha1 = sha1): never {
  const reader = new Reader(init, new Examiner(init, fanotifyCalls(), sha1Of));
  sha1Of(Buffer.alloc(1));
  parentPort?.postMessage({ type: 'ready' });
  Atomics.wait(init.begun, init.number, 0);
  for (;;) reader.next();
}

class Reader {
  readonly #init: WorkerInit;
  readonly #examiner: Examiner;
  // Room for one event: the other reader can take whatever else waits.
  readonly #event = Buffer.alloc(eventBytes);
  readonly #answer = Buffer.alloc(answerBytes);

  constructor(init: WorkerInit, examiner: Examiner) {
    this.#init = init;
    this.#examiner = examiner;
  }

  next(): void {
    const event = this.#read();
    if (!event) return;
    if (event.pid === process.pid || isTrusted(this.#init.pendingEvents, event.pid)) return this.#letPass(event);
    const { pendingEvents, number } = this.#init;
    begin(pendingEvents, number, event);
    if (this.#examiner.examine(number, event) === 'large') this.#handOver(event);
  }

  #read(): FileEvent | undefined {
    try {
      const length = readSync(this.#init.group, this.#event, 0, eventBytes, null);
      return length === eventBytes ? eventIn(this.#event) : undefined;
    } catch (error) {
      // The kernel could not open this file for us, and has refused it to its opener. The next one may work.
      if (passing.has(codeOf(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** The agent itself: always allowed, or it would wait for itself. */
  #letPass({ kind, file }: FileEvent): void {
    if (kind === 'written') this.#examiner.forget(file);
    else writeTolerantly(this.#init.group, writeAnswer(this.#answer, file, allow));
    closeSync(file);
  }

  #handOver({ file }: FileEvent): void {
    const { pendingEvents, group, number } = this.#init;
    if (handOver(pendingEvents, number) !== undefined) return wakeHasher(pendingEvents);
    // 256 large files are being read already.
    answer(pendingEvents, { group, number, allowed: true });
    closeSync(file);
    finish(pendingEvents, number);
    parentPort?.postMessage({ type: 'overloaded' });
  }
}

/** Errors of the file, or of a shortage of descriptors: never of the group. */
const passing: ReadonlySet<string> = new Set([
  'EACCES',
  'EINTR',
  'EIO',
  'ELOOP',
  'EMFILE',
  'ENFILE',
  'ENODEV',
  'ENOENT',
  'ENOMEM',
  'ENXIO',
  'EOPNOTSUPP',
  'EPERM',
  'EROFS',
  'ESTALE',
  'ETXTBSY',
]);

function writeTolerantly(group: number, bytes: Buffer): void {
  try {
    writeSync(group, bytes);
  } catch (error) {
    // It was killed while it waited: the kernel has dropped the event.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
