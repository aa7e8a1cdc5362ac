/**
 * Quarantines a file: copies it, writes its entry, and only then removes it, by descriptors throughout.
 *
 * The order matters. Content and entry are on disk before the name is touched. The name is first moved aside and checked,
 * so that what is removed is what was copied, even if names and folders are exchanged meanwhile.
 */
import { createHash, randomUUID } from 'node:crypto';
import { accessSync, constants, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { codeOf } from '../../message-of.ts';
import type { Detection, ObjectName, ProcessInfo } from '@cordon/protocol/channel';
import { removeIfThere, syncFolder } from '../../fs/durable.ts';
import type { Problem } from '../../problem.ts';
import { partsOf } from '../../fs/path.ts';
import { inodeOf, isSameInode, statsOf, withDescriptor } from './entry.ts';
import type { Entry } from './entry.ts';
import { failureOf, QuarantineFailure } from './failure.ts';
import { Folder, lockAgain, unlock } from './folder.ts';
import { pathsHere } from './paths-here.ts';
import { piecesOf, writeAll } from './pieces.ts';
import type { Store } from './store.ts';

export interface TakeRequest {
  /** Bytes, absolute, without symbolic links; the path that was opened may be from another mount namespace. */
  readonly path: Buffer;
  /** The file that was matched: nothing else is taken. */
  readonly device: number;
  readonly inode: number;
  readonly sha1: string;
  readonly object: ObjectName;
  readonly detectedBy: Detection['detectedBy'];
  readonly now: number;
  /** The processes that run from it or have it open; read while its inode cannot be given to another file. */
  readonly usedBy: (device: bigint, inode: bigint) => ProcessInfo[];
}

export interface Taken {
  readonly entry: Entry;
  /** Names of the same content that remain. */
  readonly otherLinks: number;
  readonly usedBy: readonly ProcessInfo[];
  /** What failed after it was taken, or where it was taken instead. */
  readonly remark: string | null;
}

/** A file that is being written is checked again this many times. */
const attempts = 3;
const readOnly = constants.O_RDONLY | constants.O_NOCTTY | constants.O_NOATIME;

/** Throws a QuarantineFailure; the file is then where it was. */
export function take(store: Store, request: TakeRequest): Taken {
  try {
    return takeAt(store, request);
  } catch (thrown) {
    const error = failureOf(thrown, 'It could not be moved into quarantine');
    // A sweep has the paths of this mount namespace. A process that opens a file may have those of another one.
    if (!(thrown instanceof NotThere) || request.detectedBy === 'sweep') throw error;
    return takeElsewhere(store, request);
  }
}

/** Each of these paths must lead to the very file, as the first had to. */
function takeElsewhere(store: Store, request: TakeRequest): Taken {
  for (const path of pathsHere(request.path, request.device)) {
    try {
      const taken = takeAt(store, { ...request, path });
      const remark = `It was matched in another mount namespace; here it was ${path.toString()}.`;
      return { ...taken, remark: taken.remark ?? remark };
    } catch (error) {
      if (!(error instanceof NotThere)) throw failureOf(error, 'It could not be moved into quarantine');
    }
  }
  throw new QuarantineFailure(
    'gone',
    'It cannot be reached by that path from here: it is gone, something else is there, or it was matched in another mount namespace. If it is still on this endpoint, a sweep finds it.',
  );
}

/** That path does not lead to the file that was matched. */
class NotThere extends QuarantineFailure {
  constructor(message: string) {
    super('gone', message);
  }
}

function takeAt(store: Store, request: TakeRequest): Taken {
  const way = partsOf(request.path);
  if (!way) throw new NotThere('That is not the path of a file.');
  const folder = reach(() => Folder.open(store.calls, way.folders));
  try {
    const file = reach(() => folder.openFile(way.name, readOnly));
    return withDescriptor(file, () => takeOpen({ store, request, folder, name: way.name, file }));
  } finally {
    folder.close();
  }
}

interface Taking {
  readonly store: Store;
  readonly request: TakeRequest;
  readonly folder: Folder;
  readonly name: Buffer;
  readonly file: number;
}

function takeOpen(taking: Taking): Taken {
  const { request, file, folder } = taking;
  const stats = statsOf(file);
  if (!stats.isFile() || Number(stats.dev) !== request.device || Number(stats.ino) !== request.inode)
    throw new NotThere('Something else has taken its place; nothing was moved.');
  refuseReadOnly(folder);
  const entry = copyAndNote(taking, randomUUID().toUpperCase());
  const problem = removeNoted(taking, entry);
  return {
    entry: { ...entry, state: 'held' },
    otherLinks: Number(statsOf(file).nlink),
    usedBy: request.usedBy(stats.dev, stats.ino),
    remark: problem ?? null,
  };
}

/** Now rather than after a long copy. Other refusals come from locks, which are removed later. */
function refuseReadOnly(folder: Folder): void {
  try {
    accessSync(`/proc/self/fd/${folder.descriptor}`, constants.W_OK);
  } catch (error) {
    if (codeOf(error) === 'EROFS') throw error;
  }
}

function copyAndNote(taking: Taking, id: string): Entry {
  const { store } = taking;
  try {
    const entry = copy(taking, id);
    store.step('copied');
    store.write(entry);
    store.step('noted');
    return entry;
  } catch (error) {
    store.forget(id);
    throw error;
  }
}

/** Once the name is gone only the copy exists: then no failure may forget it, and it becomes the answer. */
function removeNoted(taking: Taking, entry: Entry): Problem {
  const { store } = taking;
  const done = { unlinked: false };
  try {
    remove(taking, entry, () => (done.unlinked = true));
    store.write({ ...entry, state: 'held' });
    store.step('held');
    return undefined;
  } catch (error) {
    if (done.unlinked) return failureOf(error, 'It was moved into quarantine, but something failed after that').message;
    store.forget(entry.id);
    throw error;
  }
}

/** The current content: a file that changes while it is copied is copied again. */
function copy(taking: Taking, id: string): Entry {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = statsOf(taking.file);
    const lack = taking.store.lacksRoomFor(Number(before.blocks) * 512);
    if (lack !== undefined) throw new QuarantineFailure('failed', lack);
    const digests = copyContent(taking, id, Number(before.size));
    if (isUnchanged(before, statsOf(taking.file))) return entryFor({ taking, id, stats: before, ...digests });
    removeIfThere(taking.store.content(id));
  }
  throw new QuarantineFailure(
    'failed',
    `It is being written at this moment: it changed during ${attempts} attempts to copy it.`,
  );
}

function copyContent({ store, file }: Taking, id: string, size: number): { sha1: string; sha256: string } {
  const into = openSync(store.content(id), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  return withDescriptor(into, () => {
    const [sha1, sha256, cipher] = [createHash('sha1'), createHash('sha256'), store.cipher(id)];
    for (const { piece, offset } of piecesOf(file, size)) {
      sha1.update(piece);
      sha256.update(piece);
      const turned = cipher.turn(piece, offset);
      if (turned) writeAll(into, turned, offset);
    }
    ftruncateSync(into, size);
    fsyncSync(into);
    syncFolder(store.folder);
    return { sha1: sha1.digest('hex').toUpperCase(), sha256: sha256.digest('hex') };
  });
}

function entryFor(given: { taking: Taking; id: string; stats: BigIntStats; sha1: string; sha256: string }): Entry {
  const { taking, id, stats, sha1, sha256 } = given;
  const { store, request, folder, file } = taking;
  if (sha1 !== request.sha1) throw new QuarantineFailure('gone', 'Its content has changed since; nothing was moved.');
  const attributes = store.calls.attributes(file);
  return {
    version: 1,
    id,
    state: 'taking',
    object: request.object,
    detectedBy: request.detectedBy,
    takenAt: request.now,
    path: request.path.toString('base64'),
    sha1,
    sha256,
    size: Number(stats.size),
    was: inodeOf(stats),
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    accessed: String(stats.atimeNs),
    modified: String(stats.mtimeNs),
    links: Number(stats.nlink),
    flags: store.calls.flags(file) ?? null,
    folderFlags: folder.flags(),
    attributes: attributes.map(({ name, value }) => ({
      name: name.toString('base64'),
      value: value.toString('base64'),
    })),
  };
}

/** If anything fails after the locks are removed, they are set again. */
function remove(taking: Taking, entry: Entry, unlinked: () => void): void {
  const { store, folder, file } = taking;
  unlock(store.calls, folder.descriptor, entry.folderFlags);
  try {
    unlock(store.calls, file, entry.flags);
    store.step('unlocked');
    try {
      unlinkWhatWasCopied(taking, entry);
    } catch (error) {
      lockAgain(store.calls, file, entry.flags);
      throw error;
    }
    unlinked();
    folder.sync();
    store.step('unlinked');
  } finally {
    lockAgain(store.calls, folder.descriptor, entry.folderFlags);
  }
}

function unlinkWhatWasCopied({ store, folder, name, file }: Taking, entry: Entry): void {
  const aside = asideName(entry.id);
  reach(() => folder.rename(name, aside));
  store.step('aside');
  const moved = folder.look(aside);
  const now = statsOf(file);
  if (!isSameInode(moved, entry.was) || String(now.mtimeNs) !== entry.modified || Number(now.size) !== entry.size) {
    putBack(folder, aside, name);
    throw new QuarantineFailure('gone', 'Something else took its place while it was moved; that was put back.');
  }
  folder.remove(aside);
}

/** A new file with that name was made meanwhile: then both stay, and we report where. */
function putBack(folder: Folder, aside: Buffer, name: Buffer): void {
  try {
    folder.rename(aside, name);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' && codeOf(error) !== 'ENOENT') throw error;
    if (codeOf(error) === 'EEXIST')
      throw new QuarantineFailure(
        'failed',
        `Names were exchanged while it was moved. Nothing was removed; one of them is now ${aside.toString()} in the same folder.`,
      );
  }
}

/** The temporary name of a file before it is removed. */
export function asideName(id: string): Buffer {
  return Buffer.from(`.cordon-${id}`);
}

function isUnchanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}

/** A missing file, or one that leads elsewhere, is no failure of ours. */
function reach<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new NotThere('It is no longer there.');
    if (code === 'ELOOP' || code === 'ENOTDIR')
      throw new NotThere('A symbolic link is in the way now; nothing was moved.');
    if (code === 'ENXIO' || code === 'ENODEV') throw new NotThere('It is no longer a file; nothing was moved.');
    throw error;
  }
}
