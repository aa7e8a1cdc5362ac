/**
 * The thread that reads large files, so that nobody waits behind them.
 *
 * It takes its work from the desk. The same content is read once for all who ask, and who is nearest to the end goes
 * first; when time is up, the main thread answers, and the reading goes on so that the next opening finds a verdict.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { fanotifyCalls } from '../../kernel/fanotify.ts';
import { allCases, awaitWork, caseAt, isWaiting, readerCases } from './pending-events.ts';
import type { Case } from './pending-events.ts';
import { Examiner, sha1 } from './examiner.ts';
import type { Asked } from './examiner.ts';
import type { Birth } from './thread-snapshot.ts';

const step = 2 << 20;
/** So much is read for nobody; about ten seconds of this thread. */
const maxAfterwards = 16 * 2 ** 30;

interface Work {
  readonly asked: Asked[];
  readonly size: number;
  readonly hash: Hash;
  read: number;
}

class Hasher {
  readonly #birth: Birth;
  readonly #examiner: Examiner;
  readonly #buffer = Buffer.allocUnsafeSlow(step);
  readonly #work = new Map<string, Work>();
  /** The turn of each case that is in the work already. */
  readonly #taken = new Int32Array(allCases).fill(-1);

  constructor(birth: Birth, examiner: Examiner) {
    this.#birth = birth;
    this.#examiner = examiner;
  }

  next(): void {
    const seen = awaitWork(this.#birth.desk, 'look');
    this.#examiner.knowledge.refresh();
    this.#takeCases();
    const [key, work] = this.#maxUrgent() ?? [];
    if (key === undefined || work === undefined) awaitWork(this.#birth.desk, seen);
    else this.#advance(key, work);
  }

  #takeCases(): void {
    for (let number = readerCases; number < allCases; number += 1) {
      const found = caseAt(this.#birth.desk, number);
      if (found && this.#taken[number] !== found.turn) this.#take(number, found);
    }
  }

  #take(number: number, event: Case): void {
    this.#taken[number] = event.turn;
    const stats = fstatSync(event.file);
    const key = [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
    const asked = { number, event, stats, decidedIn: this.#examiner.knowledge.refresh() };
    const work = this.#work.get(key);
    if (work) work.asked.push(asked);
    else this.#work.set(key, { asked: [asked], size: stats.size, hash: createHash('sha1'), read: 0 });
  }

  #maxUrgent(): [string, Work] | undefined {
    const { desk } = this.#birth;
    const ranked = [...this.#work].map(([key, work]) => ({
      key,
      work,
      isAwaited: work.asked.some(({ number, event }) => event.question !== 'written' && isWaiting(desk, number)),
      left: work.size - work.read,
    }));
    const [first] = ranked.sort(
      (one, other) => Number(other.isAwaited) - Number(one.isAwaited) || one.left - other.left,
    );
    if (!first) return undefined;
    return [first.key, first.work];
  }

  #advance(key: string, work: Work): void {
    const [first] = work.asked;
    if (!first) return;
    try {
      const read = readSync(first.event.file, this.#buffer, 0, Math.min(step, work.size - work.read), work.read);
      work.hash.update(this.#buffer.subarray(0, read));
      work.read += read;
      if (read === 0 || work.read === work.size) this.#finish(key, work, first);
      else if (work.read > maxAfterwards && !this.#isAwaited(work))
        this.#giveUp(key, work, new Error('It is too large.'));
    } catch (error) {
      this.#giveUp(key, work, error);
    }
  }

  #isAwaited({ asked }: Work): boolean {
    return asked.some(({ number }) => isWaiting(this.#birth.desk, number));
  }

  #finish(key: string, work: Work, first: Asked): void {
    this.#work.delete(key);
    const digest = work.hash.digest();
    this.#examiner.remember(first.event.file, first.stats, digest);
    for (const asked of work.asked)
      this.#examiner.judge({ ...asked, decidedIn: this.#examiner.knowledge.refresh() }, digest);
  }

  #giveUp(key: string, work: Work, thrown: unknown): void {
    this.#work.delete(key);
    for (const asked of work.asked) this.#examiner.giveUp(asked, thrown);
  }
}

function main(birth: Birth): never {
  const hasher = new Hasher(birth, new Examiner(birth, fanotifyCalls(), sha1));
  createHash('sha1').update(Buffer.alloc(1)).digest();
  parentPort?.postMessage({ type: 'ready' });
  for (;;) hasher.next();
}

main(workerData);
