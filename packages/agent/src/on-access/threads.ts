/**
 * The threads of on-access: two readers at work, one in reserve with everything loaded, and the hasher.
 *
 * The one in reserve replaces a reader that dies, or is stuck with a file, at once. A new thread has to load files, and
 * there may be nobody left to allow that.
 */
import { closeSync } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { threadProgram } from '../entry.ts';
import type { Group } from '../kernel/fanotify.ts';
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import { slotCount, announce, answerLate, pendingEventAt, finish, readerSlots } from './reader/pending-events.ts';
import type { PendingEvent, PendingEvents } from './reader/pending-events.ts';
import type { FileMatch, Unreadable } from './reader/examiner.ts';
import type { WorkerInit, Update } from './reader/thread-snapshot.ts';
import { nothingProtected } from './reader/protected-files.ts';
import { newDigestMemory } from './reader/digest-cache.ts';

const atWork = 2;
/** A thread without memory ends by itself, and is replaced. It needs some 7 MB: the list and the digests are shared. */
const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 } as const;
const hasherNumber = readerSlots;
/** This many ends within this time are a crash loop: openers wait for threads that will only fail again. */
const crashLoop = { ends: 6, withinMs: 10_000 } as const;

export type ThreadMessage = { readonly type: 'ready' } | { readonly type: 'overloaded' } | FileMatch | Unreadable;

export interface Programs {
  readonly reader: URL;
  readonly hasher: URL;
}

export const threadPrograms: Programs = {
  reader: threadProgram('on-access/reader/reader'),
  hasher: threadProgram('on-access/reader/hasher'),
};

interface ThreadsOptions {
  readonly group: Group;
  readonly pendingEvents: PendingEvents;
  readonly programs: Programs;
  readonly log: Log;
  readonly received: (message: Exclude<ThreadMessage, { type: 'ready' }>) => void;
  /** An opening was allowed or refused because a thread died. */
  readonly lost: (one: PendingEvent) => void;
  /** Threads fail as fast as they start. The kernel allows every opening once this process has ended. */
  readonly crashLoop: () => void;
}

interface Thread {
  readonly worker: Worker;
  readonly updates: MessagePort;
  readonly ready: Promise<void>;
  state: 'starting' | 'reserve' | 'at work' | 'stuck';
}

export class Threads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Map<number, Thread>();
  readonly #digests = newDigestMemory();
  readonly #begun = new Int32Array(new SharedArrayBuffer((readerSlots + 1) * 4));
  #newest: Required<Update>;
  #hasStarted = false;
  #ends: number[] = [];

  constructor(options: ThreadsOptions, rules: SharedArrayBuffer) {
    this.#options = options;
    this.#newest = { rules, protectedFiles: nothingProtected };
  }

  /** Settles when two readers and the hasher are at work, and a third reader is ready. */
  async start(): Promise<void> {
    const numbers = [hasherNumber, ...Array.from({ length: atWork + 1 }, (_, number) => number)];
    await Promise.all(numbers.map((number) => this.#spawn(number).ready));
    this.#hasStarted = true;
    for (let count = 0; count < atWork; count += 1) this.#callReserve();
  }

  /** How many readers take events at this moment. */
  get reading(): number {
    return [...this.#threads].filter(([number, { state }]) => number !== hasherNumber && state === 'at work').length;
  }

  send(update: Update): void {
    this.#newest = { ...this.#newest, ...update };
    for (const { updates } of this.#threads.values()) updates.postMessage(update);
    announce(this.#options.pendingEvents);
  }

  /** A reader is busy with one file for longer than the deadline: another one takes the next events. */
  replace(number: number): void {
    const thread = this.#threads.get(number);
    if (thread?.state !== 'at work' || number === hasherNumber) return;
    thread.state = 'stuck';
    this.#callReserve();
  }

  /** A reader that was stuck has come back. */
  unstuck(number: number): void {
    const thread = this.#threads.get(number);
    if (thread?.state === 'stuck') thread.state = 'at work';
  }

  #callReserve(): void {
    const [number, thread] = [...this.#threads].find(([, { state }]) => state === 'reserve') ?? [];
    if (number === undefined || !thread) return;
    thread.state = 'at work';
    Atomics.store(this.#begun, number, 1);
    Atomics.notify(this.#begun, number);
    this.#fillReserve();
  }

  #fillReserve(): void {
    const readers = [...this.#threads].filter(([number]) => number !== hasherNumber);
    if (readers.some(([, { state }]) => state === 'reserve' || state === 'starting')) return;
    const free = Array.from({ length: readerSlots }, (_, number) => number).find((one) => !this.#threads.has(one));
    if (free !== undefined) this.#spawn(free);
  }

  #spawn(number: number): Thread {
    const { programs, log } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(number === hasherNumber ? programs.hasher : programs.reader, {
      workerData: this.#initFor(number, port2),
      transferList: [port2],
      resourceLimits: limits,
      // They close what the kernel has opened for them. Node would keep a warning for each until they return, which is never.
      trackUnmanagedFds: false,
    });
    const ready = Promise.withResolvers<void>();
    // Only the first start is awaited; later failures are handled on exit.
    ready.promise.catch(() => undefined);
    const thread: Thread = { worker, updates: port1, ready: ready.promise, state: 'starting' };
    this.#threads.set(number, thread);
    worker.on('message', (message: ThreadMessage) => {
      if (message.type === 'ready') this.#isReady(number, thread, ready.resolve);
      else this.#options.received(message);
    });
    worker.on('error', (error) => {
      log('thread failed', { number, message: messageOf(error) });
      ready.reject(error);
    });
    worker.once('exit', () => this.#onExit(number, thread));
    return thread;
  }

  #initFor(number: number, updates: MessagePort): WorkerInit {
    const { group, pendingEvents } = this.#options;
    Atomics.store(this.#begun, number, 0);
    return { group, number, pendingEvents, digests: this.#digests, ...this.#newest, updates, begun: this.#begun };
  }

  #isReady(number: number, thread: Thread, resolve: () => void): void {
    thread.state = number === hasherNumber ? 'at work' : 'reserve';
    resolve();
    if (this.#hasStarted) this.#options.log('thread replaced', { number });
    // The one before it died while none was in reserve.
    if (this.#hasStarted && this.reading < atWork) this.#callReserve();
  }

  /** Answers what it leaves behind, and replaces it. */
  #onExit(number: number, thread: Thread): void {
    this.#threads.delete(number);
    thread.updates.close();
    const now = performance.now();
    this.#ends = [...this.#ends.filter((at) => now - at < crashLoop.withinMs), now];
    if (this.#ends.length >= crashLoop.ends) this.#options.crashLoop();
    const isHasher = number === hasherNumber;
    const left = isHasher ? Array.from({ length: slotCount - readerSlots }, (_, one) => readerSlots + one) : [number];
    for (const one of left) this.#clear(one);
    if (thread.state === 'at work' && !isHasher) this.#callReserve();
    // A thread that does not even start is not tried a thousand times a second.
    const pause = thread.state === 'starting' ? 1000 : 0;
    if (!this.#hasStarted) return;
    if (isHasher) setTimeout(() => this.#spawn(hasherNumber), pause);
    else setTimeout(() => this.#fillReserve(), pause);
  }

  #clear(number: number): void {
    const { pendingEvents, group, lost } = this.#options;
    const one = pendingEventAt(pendingEvents, number);
    if (!one) return;
    // A dead reader has closed what it has answered; the hasher closes at the very end.
    if (answerLate(pendingEvents, group, number) === undefined && number < readerSlots)
      return finish(pendingEvents, number);
    if (one.kind !== 'written') lost(one);
    closeSync(one.file);
    finish(pendingEvents, number);
  }
}
