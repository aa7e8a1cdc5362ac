/**
 * The thread that reads large files, so that no other opening waits behind them.
 *
 * It takes pending events. The same content is read once for all its openers, and the file with the least left to read
 * goes first. When time is up, the main thread answers, and the reading continues so that the next opening finds a
 * digest.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { fanotifyCalls } from '../../kernel/fanotify.ts';
import { slotCount, awaitWork, pendingEventAt, isWaiting, readerSlots } from './pending-events.ts';
import type { PendingEvent } from './pending-events.ts';
import { Examiner, sha1 } from './examiner.ts';
import type { Examination } from './examiner.ts';
import type { WorkerInit } from './thread-snapshot.ts';

const stepBytes = 2 << 20;
/** This much is read after the deadline: about ten seconds of this thread. */
const maxUnawaitedBytes = 16 * 2 ** 30;

interface Work {
  readonly examinations: Examination[];
  readonly size: number;
  readonly hash: Hash;
  read: number;
}

class Hasher {
  readonly #init: WorkerInit;
  readonly #examiner: Examiner;
  readonly #buffer = Buffer.allocUnsafeSlow(stepBytes);
  readonly #work = new Map<string, Work>();
  /** The turn of each event that is taken already. */
  readonly #taken = new Int32Array(slotCount).fill(-1);

  constructor(init: WorkerInit, examiner: Examiner) {
    this.#init = init;
    this.#examiner = examiner;
  }

  next(): void {
    const seen = awaitWork(this.#init.pendingEvents, 'look');
    this.#examiner.snapshot.refresh();
    this.#takeEvents();
    const [key, work] = this.#mostUrgent() ?? [];
    if (key === undefined || work === undefined) awaitWork(this.#init.pendingEvents, seen);
    else this.#advance(key, work);
  }

  #takeEvents(): void {
    for (let number = readerSlots; number < slotCount; number += 1) {
      const found = pendingEventAt(this.#init.pendingEvents, number);
      if (found && this.#taken[number] !== found.turn) this.#take(number, found);
    }
  }

  #take(number: number, event: PendingEvent): void {
    this.#taken[number] = event.turn;
    const at = Date.now();
    const stats = fstatSync(event.file);
    const key = [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
    const examination = { number, event, stats, at, decidedIn: this.#examiner.snapshot.refresh() };
    const work = this.#work.get(key);
    if (work) work.examinations.push(examination);
    else this.#work.set(key, { examinations: [examination], size: stats.size, hash: createHash('sha1'), read: 0 });
  }

  #mostUrgent(): [string, Work] | undefined {
    const { pendingEvents } = this.#init;
    const ranked = [...this.#work].map(([key, work]) => ({
      key,
      work,
      isAwaited: work.examinations.some(
        ({ number, event }) => event.kind !== 'written' && isWaiting(pendingEvents, number),
      ),
      left: work.size - work.read,
    }));
    const [first] = ranked.sort(
      (one, other) => Number(other.isAwaited) - Number(one.isAwaited) || one.left - other.left,
    );
    if (!first) return undefined;
    return [first.key, first.work];
  }

  #advance(key: string, work: Work): void {
    const [first] = work.examinations;
    if (!first) return;
    try {
      const read = readSync(first.event.file, this.#buffer, 0, Math.min(stepBytes, work.size - work.read), work.read);
      work.hash.update(this.#buffer.subarray(0, read));
      work.read += read;
      if (read === 0 || work.read === work.size) this.#finish(key, work, first);
      else if (work.read > maxUnawaitedBytes && !this.#isAwaited(work))
        this.#giveUp(key, work, new Error('It is too large.'));
    } catch (error) {
      this.#giveUp(key, work, error);
    }
  }

  #isAwaited({ examinations }: Work): boolean {
    return examinations.some(({ number }) => isWaiting(this.#init.pendingEvents, number));
  }

  #finish(key: string, work: Work, first: Examination): void {
    this.#work.delete(key);
    const digest = work.hash.digest();
    this.#examiner.remember(first, digest);
    for (const one of work.examinations)
      this.#examiner.decide({ ...one, decidedIn: this.#examiner.snapshot.refresh() }, digest);
  }

  #giveUp(key: string, work: Work, thrown: unknown): void {
    this.#work.delete(key);
    for (const one of work.examinations) this.#examiner.giveUp(one, thrown);
  }
}

function main(init: WorkerInit): never {
  const hasher = new Hasher(init, new Examiner(init, fanotifyCalls(), sha1));
  createHash('sha1').update(Buffer.alloc(1)).digest();
  parentPort?.postMessage({ type: 'ready' });
  for (;;) hasher.next();
}

main(workerData);
