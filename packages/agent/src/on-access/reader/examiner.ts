/**
 * Comes to a decision about one opening: by the size first, then by a hash that is known, then by reading the file.
 *
 * Runs in threads that somebody on this machine is waiting for. Nothing is opened here, nothing logged, and nothing
 * waits for another thread but the answer to the opening itself.
 */
import { hash } from 'node:crypto';
import { closeSync, fstatSync, readSync, readlinkSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { FanotifyCalls, FileEvent, Question } from '../../kernel/fanotify.ts';
import type { FileRule } from '../../ipc/worker-messages.ts';
import { messageOf } from '../../message-of.ts';
import { answer, finish, isEnforcing } from './pending-events.ts';
import type { Late } from './pending-events.ts';
import { Knowledge } from './thread-snapshot.ts';
import type { Birth } from './thread-snapshot.ts';
import { isShielded } from './protected-files.ts';
import { Verdicts, isSettled } from './digest-cache.ts';

/** What is larger is read by the hasher, or others would wait behind it. */
export const largestSmall = 1 << 20;
const digestBytes = 20;

/** A listed file was met. Told to the main thread, which makes a detection of it. */
export interface Met {
  readonly type: 'met';
  readonly rule: FileRule;
  readonly question: Question;
  readonly action: 'logged' | 'blocked' | 'held-back';
  readonly late: Late;
  readonly path: Uint8Array;
  readonly file: FileMet;
  readonly opener: { readonly pid: number; readonly executable: string; readonly user: number | undefined };
}

interface FileMet {
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  /** Tells it from a later file of the same inode. */
  readonly born: number;
  readonly links: number;
}

/** A file could not be read; whoever opened it will see the same. */
export interface Unreadable {
  readonly type: 'unreadable';
  readonly message: string;
}

export type Sha1 = (bytes: Uint8Array) => Uint8Array;
export const sha1: Sha1 = (bytes) => hash('sha1', bytes, 'buffer');

export class Examiner {
  readonly knowledge: Knowledge;
  readonly verdicts: Verdicts;
  readonly #birth: Birth;
  readonly #calls: FanotifyCalls;
  readonly #sha1: Sha1;
  readonly #content = Buffer.allocUnsafeSlow(largestSmall);
  readonly #digest = Buffer.alloc(digestBytes);
  #canIgnore = true;

  constructor(birth: Birth, calls: FanotifyCalls, sha1Of: Sha1) {
    this.#birth = birth;
    this.#calls = calls;
    this.#sha1 = sha1Of;
    this.knowledge = new Knowledge(birth);
    this.verdicts = new Verdicts(birth.verdicts);
  }

  /** Decides what can be decided quickly; `large` is for the hasher, and the case stays on the desk. */
  examine(number: number, event: FileEvent): 'decided' | 'large' {
    const decidedIn = this.knowledge.refresh();
    const stats = fstatSync(event.file);
    if (event.question === 'written') this.forget(event.file, stats);
    const asked = { number, event, stats, decidedIn };
    if (!this.knowledge.index.canHold(stats.size)) this.#pass(asked);
    else if (this.verdicts.get(stats, this.#digest)) this.judge(asked, this.#digest);
    else if (stats.size > largestSmall) return 'large';
    else this.#read(asked);
    return 'decided';
  }

  /** What was written may differ from what was read, even where its times do not show it (shared mappings). */
  forget(file: number, stats = fstatSync(file)): void {
    this.#calls.askAgain(this.#birth.group, file);
    this.verdicts.forget(stats);
  }

  /** Keeps the hash of what was read, if nobody can change it behind the back of its times. */
  remember(file: number, stats: Stats, digest: Uint8Array): void {
    if (isSettled(stats, Date.now()) && this.#calls.hasNoWriter(file)) this.verdicts.put(stats, digest);
  }

  /** Answers by the hash of the file, and closes it. */
  judge(asked: Asked, digest: Uint8Array): void {
    const rule = this.knowledge.index.find(digest, Date.now());
    if (rule) this.#meet(asked, rule);
    else this.#pass(asked);
  }

  /** Lets a file be that could not be read. */
  giveUp({ number, event }: Asked, thrown: unknown): void {
    this.#answer(number, true);
    this.#close(number, event.file);
    parentPort?.postMessage({ type: 'unreadable', message: messageOf(thrown) } satisfies Unreadable);
  }

  #read(asked: Asked): void {
    const { event, stats } = asked;
    let length = 0;
    try {
      while (length < stats.size) {
        const read = readSync(event.file, this.#content, length, stats.size - length, length);
        if (read === 0) break;
        length += read;
      }
    } catch (error) {
      this.giveUp(asked, error);
      return;
    }
    const digest = this.#sha1(this.#content.subarray(0, length));
    this.remember(event.file, stats, digest);
    this.judge(asked, digest);
  }

  #pass({ number, event, stats, decidedIn }: Asked): void {
    if (event.question === 'open') this.#ignore(event.file, stats, decidedIn);
    this.#answer(number, true);
    this.#close(number, event.file);
  }

  /**
   * Lets the kernel answer for this file from now on. It forgets that by itself when the file is written to, and takes
   * no such leave while somebody has it open for writing. A file that only root may write to cannot be changed through
   * a mapping made later by anybody else, of which the kernel would tell us only at its end.
   */
  #ignore(file: number, stats: Stats, decidedIn: number): void {
    if (!this.#canIgnore || stats.uid !== 0 || (stats.mode & 0o022) !== 0 || !isSettled(stats, Date.now())) return;
    try {
      this.#calls.ignore(this.#birth.group, file);
    } catch {
      this.#canIgnore = false; // A kernel before 5.19: the agent keeps answering.
      return;
    }
    const now = fstatSync(file);
    const isSame = now.size === stats.size && now.mtimeMs === stats.mtimeMs && now.ctimeMs === stats.ctimeMs;
    // The list, or the file, has changed since we looked: then this leave may have come after it was to be withdrawn.
    if (!isSame || !this.knowledge.isCurrent(decidedIn)) this.#calls.askAgain(this.#birth.group, file);
  }

  #meet({ number, event, stats }: Asked, rule: FileRule): void {
    const path = pathOf(event.file);
    const opener = openerOf(event.pid);
    const action = this.#actionFor(rule, path, stats);
    const answered = this.#answer(number, action !== 'blocked');
    // What was written waits for nobody, so nobody was let through.
    const late = event.question === 'written' ? 'no' : answered;
    const { size, dev: device, ino: inode, birthtimeMs: born, nlink: links } = stats;
    const { question } = event;
    this.#close(number, event.file);
    parentPort?.postMessage({
      type: 'met',
      rule,
      question,
      action,
      late,
      path,
      file: { size, device, inode, born, links },
      opener,
    } satisfies Met);
  }

  #actionFor(rule: FileRule, path: Buffer, stats: Stats): Met['action'] {
    if (!isEnforcing(this.#birth.desk) || rule.action === 'log') return 'logged';
    return isShielded(this.knowledge.shield, path, { stats, confirmed: rule.confirmed }) ? 'held-back' : 'blocked';
  }

  #answer(number: number, allowed: boolean): Late {
    return answer(this.#birth.desk, { group: this.#birth.group, number, allowed });
  }

  #close(number: number, file: number): void {
    closeSync(file);
    finish(this.#birth.desk, number);
  }
}

export interface Asked {
  readonly number: number;
  readonly event: FileEvent;
  readonly stats: Stats;
  readonly decidedIn: number;
}

/** The path as the kernel knows it; reading a link opens nothing. */
function pathOf(file: number): Buffer {
  try {
    return readlinkSync(`/proc/self/fd/${file}`, 'buffer');
  } catch {
    return Buffer.from('(a path that is too long)'); // ENAMETOOLONG is all that can happen to a descriptor of ours.
  }
}

/** Taken while the opener still waits, because it may end as soon as it has its answer. */
function openerOf(pid: number): Met['opener'] {
  if (pid <= 0) return { pid: 0, executable: '', user: undefined };
  try {
    const user = statSync(`/proc/${pid}`).uid;
    return { pid, executable: readlinkSync(`/proc/${pid}/exe`), user };
  } catch {
    return { pid, executable: '', user: undefined }; // It was killed while it waited.
  }
}
