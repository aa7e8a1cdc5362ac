/**
 * Decides about one opening: by its size, then by a known digest, then by reading the file.
 *
 * Runs in threads that a process on this machine waits for. It opens nothing, logs nothing, and waits for another thread
 * only over the answer to the opening itself.
 */
import { hash } from 'node:crypto';
import { closeSync, fstatSync, readSync, readlinkSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { FanotifyCalls, FileEvent, EventKind } from '../../kernel/fanotify.ts';
import type { FileRule } from '../../ipc/worker-messages.ts';
import { messageOf } from '../../message-of.ts';
import { answer, finish, isEnforcing } from './pending-events.ts';
import type { LateAnswer } from './pending-events.ts';
import { ThreadSnapshot } from './thread-snapshot.ts';
import type { WorkerInit } from './thread-snapshot.ts';
import { isProtected } from './protected-files.ts';
import { DigestCache } from './digest-cache.ts';
import { isSettled, isUnchanged, settledAfterMs } from '../../fs/file-version.ts';

/** The hasher reads larger files, or others would wait behind them. */
export const maxSmallBytes = 1 << 20;
const digestBytes = 20;

/** A listed file was opened. The main thread makes a match of it. */
export interface FileMatch {
  readonly type: 'match';
  readonly rule: FileRule;
  readonly kind: EventKind;
  readonly action: 'logged' | 'blocked' | 'held-back';
  readonly late: LateAnswer;
  readonly path: Uint8Array;
  readonly file: MatchedFile;
  readonly opener: { readonly pid: number; readonly executable: string; readonly user: number | undefined };
}

interface MatchedFile {
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  /** Distinguishes it from a later file of the same inode. */
  readonly born: number;
  readonly links: number;
}

/** A file could not be read; its opener will see the same error. */
export interface Unreadable {
  readonly type: 'unreadable';
  readonly message: string;
}

export type Sha1 = (bytes: Uint8Array) => Uint8Array;
export const sha1: Sha1 = (bytes) => hash('sha1', bytes, 'buffer');

export class Examiner {
  readonly snapshot: ThreadSnapshot;
  readonly digests: DigestCache;
  readonly #init: WorkerInit;
  readonly #calls: FanotifyCalls;
  readonly #sha1: Sha1;
  readonly #content = Buffer.allocUnsafeSlow(maxSmallBytes);
  readonly #digest = Buffer.alloc(digestBytes);
  #canIgnore = true;

  constructor(init: WorkerInit, calls: FanotifyCalls, sha1Of: Sha1) {
    this.#init = init;
    this.#calls = calls;
    this.#sha1 = sha1Of;
    this.snapshot = new ThreadSnapshot(init);
    this.digests = new DigestCache(init.digests);
  }

  /** Decides what can be decided quickly. `large` is for the hasher, and the event stays pending. */
  examine(number: number, event: FileEvent): 'decided' | 'large' {
    const decidedIn = this.snapshot.refresh();
    const at = Date.now();
    const stats = fstatSync(event.file);
    if (event.kind === 'written') this.forget(event.file, stats);
    const examination = { number, event, stats, at, decidedIn };
    if (!this.snapshot.index.canHold(stats.size)) this.#pass(examination);
    else if (this.digests.get(stats, this.#digest)) this.decide(examination, this.#digest);
    else if (stats.size > maxSmallBytes) return 'large';
    else this.#read(examination);
    return 'decided';
  }

  /** The content may differ from what was read, even where the times do not show it (shared mappings). */
  forget(file: number, stats = fstatSync(file)): void {
    this.#calls.askAgain(this.#init.group, file);
    this.digests.forget(stats);
  }

  /** Keeps the digest of what was read, if nobody can change the content without changing the times. */
  remember({ event, stats, at }: Examination, digest: Uint8Array): void {
    if (isSettled(stats, at, settledAfterMs.onAccess) && this.#calls.hasNoWriter(event.file))
      this.digests.put(stats, digest);
  }

  /** Answers by the digest of the file, and closes it. */
  decide(examination: Examination, digest: Uint8Array): void {
    const rule = this.snapshot.index.find(digest, Date.now());
    if (rule) this.#report(examination, rule);
    else this.#pass(examination);
  }

  /** Allows a file that could not be read. */
  giveUp({ number, event }: Examination, thrown: unknown): void {
    this.#answer(number, true);
    this.#close(number, event.file);
    parentPort?.postMessage({ type: 'unreadable', message: messageOf(thrown) } satisfies Unreadable);
  }

  #read(examination: Examination): void {
    const { event, stats } = examination;
    let length = 0;
    try {
      while (length < stats.size) {
        const read = readSync(event.file, this.#content, length, stats.size - length, length);
        if (read === 0) break;
        length += read;
      }
    } catch (error) {
      this.giveUp(examination, error);
      return;
    }
    const digest = this.#sha1(this.#content.subarray(0, length));
    this.remember(examination, digest);
    this.decide(examination, digest);
  }

  #pass(examination: Examination): void {
    const { number, event } = examination;
    if (event.kind === 'open') this.#ignore(examination);
    this.#answer(number, true);
    this.#close(number, event.file);
  }

  /**
   * Lets the kernel allow this file from now on. The kernel stops by itself when the file is written to, and refuses to
   * begin while it is open for writing. A file that only root may write to cannot be changed through a mapping that
   * another user makes later, which the kernel would report only at its end.
   */
  #ignore({ event: { file }, stats, at, decidedIn }: Examination): void {
    if (!this.#canIgnore || stats.uid !== 0 || (stats.mode & 0o022) !== 0) return;
    if (!isSettled(stats, at, settledAfterMs.onAccess)) return;
    try {
      this.#calls.ignore(this.#init.group, file);
    } catch {
      this.#canIgnore = false; // A kernel before 5.19: the agent keeps answering.
      return;
    }
    // If the list or the file has changed meanwhile, this may have come after all files were to be examined again.
    if (!isUnchanged(stats, fstatSync(file)) || !this.snapshot.isCurrent(decidedIn))
      this.#calls.askAgain(this.#init.group, file);
  }

  #report({ number, event, stats }: Examination, rule: FileRule): void {
    const path = pathOf(event.file);
    const opener = openerOf(event.pid);
    const action = this.#actionFor(rule, path, stats);
    const answered = this.#answer(number, action !== 'blocked');
    // A written file has no opener that waits.
    const late = event.kind === 'written' ? 'no' : answered;
    const { size, dev: device, ino: inode, birthtimeMs: born, nlink: links } = stats;
    const { kind } = event;
    this.#close(number, event.file);
    parentPort?.postMessage({
      type: 'match',
      rule,
      kind,
      action,
      late,
      path,
      file: { size, device, inode, born, links },
      opener,
    } satisfies FileMatch);
  }

  #actionFor(rule: FileRule, path: Buffer, stats: Stats): FileMatch['action'] {
    if (!isEnforcing(this.#init.pendingEvents) || rule.action === 'log') return 'logged';
    return isProtected(this.snapshot.protectedFiles, path, { stats, confirmed: rule.confirmed })
      ? 'held-back'
      : 'blocked';
  }

  #answer(number: number, allowed: boolean): LateAnswer {
    return answer(this.#init.pendingEvents, { group: this.#init.group, number, allowed });
  }

  #close(number: number, file: number): void {
    closeSync(file);
    finish(this.#init.pendingEvents, number);
  }
}

export interface Examination {
  readonly number: number;
  readonly event: FileEvent;
  readonly stats: Stats;
  /** Before the stats were taken, milliseconds since 1970. */
  readonly at: number;
  readonly decidedIn: number;
}

/** The path as the kernel knows it. Reading a link opens nothing. */
function pathOf(file: number): Buffer {
  try {
    return readlinkSync(`/proc/self/fd/${file}`, 'buffer');
  } catch {
    return Buffer.from('(a path that is too long)'); // ENAMETOOLONG is the only failure for a descriptor of ours.
  }
}

/** Taken while the opener still waits, because it may end as soon as it has its answer. */
function openerOf(pid: number): FileMatch['opener'] {
  if (pid <= 0) return { pid: 0, executable: '', user: undefined };
  try {
    const user = statSync(`/proc/${pid}`).uid;
    return { pid, executable: readlinkSync(`/proc/${pid}/exe`), user };
  } catch {
    return { pid, executable: '', user: undefined }; // It was killed while it waited.
  }
}
