/**
 * Puts a file back: content, owner, mode, attributes, times and flags, and never over an existing file.
 *
 * It is written under a temporary name, checked, and renamed in one step; the copy is removed once all of that is on
 * disk.
 */
import { createHash } from 'node:crypto';
import { constants, fchmodSync, fchownSync, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { partsOf } from '../../fs/path.ts';
import { keptFlags } from '../../kernel/file-calls.ts';
import type { FileCalls } from '../../kernel/file-calls.ts';
import { codeOf, messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { inodeOf, isSameInode, statsOf, withDescriptor } from './entry.ts';
import type { Entry } from './entry.ts';
import { failureOf, QuarantineFailure } from './failure.ts';
import { Folder, lockAgain, unlock } from './folder.ts';
import { piecesOf, writeAll } from './pieces.ts';
import type { Store } from './store.ts';
import { asideName } from './take.ts';

export interface Restored {
  readonly entry: Entry;
  /** Where it is now: device and inode are new. */
  readonly device: number;
  readonly inode: number;
  /** Extended attributes that the kernel would not take. */
  readonly problem: Problem;
}

const writeNew = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;

/** Throws a QuarantineFailure; the copy is then still in quarantine. */
export function restore(store: Store, entry: Entry): Restored {
  const path = Buffer.from(entry.path, 'base64');
  const way = partsOf(path);
  if (!way) throw new QuarantineFailure('failed', `The entry of ${entry.id} names no path.`);
  const folder = openParent(store.calls, way.folders);
  try {
    if (folder.look(way.name)) throw taken();
    const folderFlags = folder.flags();
    store.write({ ...entry, state: 'restoring', folderFlags });
    store.step('restoring');
    unlock(store.calls, folder.descriptor, folderFlags);
    try {
      return place({ store, entry, folder, name: way.name, folderFlags });
    } catch (error) {
      store.write({ ...entry, state: 'held' });
      throw error;
    } finally {
      lockAgain(store.calls, folder.descriptor, folderFlags);
    }
  } catch (error) {
    throw failureOf(error, 'It could not be restored');
  } finally {
    folder.close();
  }
}

interface Placing {
  readonly store: Store;
  readonly entry: Entry;
  readonly folder: Folder;
  readonly name: Buffer;
  readonly folderFlags: number | null;
}

function place(placing: Placing): Restored {
  const { store, entry, folder, name, folderFlags } = placing;
  const aside = asideName(entry.id);
  const file = folder.openFile(aside, writeNew, 0o600);
  return withDescriptor(file, () => {
    let problem: Problem;
    const made = inodeOf(statsOf(file));
    try {
      writeContent(store, entry, file);
      problem = setAttributes(store.calls, entry, file);
      fsyncSync(file);
      store.step('written');
      store.write({ ...entry, state: 'restoring', folderFlags, restored: made });
      store.step('named');
      rename(folder, aside, name);
    } catch (error) {
      // Only what we have made: the names may have been exchanged.
      if (isSameInode(folder.look(aside), made)) folder.remove(aside);
      throw error;
    }
    return finish(placing, file, problem);
  });
}

/** The folder's owner can exchange names in it at any moment; the copy is kept unless the file there is ours. */
function finish({ store, entry, folder, name }: Placing, file: number, problem: Problem): Restored {
  const stats = statsOf(file);
  if (!isSameInode(folder.look(name), inodeOf(stats)))
    throw new QuarantineFailure(
      'failed',
      'Something else took its place while it was restored; the copy stays in quarantine.',
    );
  folder.sync();
  store.step('placed');
  putFlags(store.calls, entry, file);
  store.forget(entry.id);
  store.step('forgotten');
  return { entry, device: Number(stats.dev), inode: Number(stats.ino), problem };
}

function writeContent(store: Store, entry: Entry, into: number): void {
  const [sha1, sha256, cipher] = [createHash('sha1'), createHash('sha256'), store.cipher(entry.id)];
  const content = openSync(store.content(entry.id), constants.O_RDONLY | constants.O_NOFOLLOW);
  withDescriptor(content, () => {
    for (const { piece, offset } of piecesOf(content, entry.size)) {
      const plain = cipher.turn(piece, offset);
      sha1.update(plain ?? piece);
      sha256.update(plain ?? piece);
      if (plain) writeAll(into, plain, offset);
    }
  });
  ftruncateSync(into, entry.size);
  const same = sha1.digest('hex').toUpperCase() === entry.sha1 && sha256.digest('hex') === entry.sha256;
  if (!same)
    throw new QuarantineFailure('failed', 'The copy in quarantine is damaged: its content is not what was taken.');
}

/** Owner before mode and attributes, because a new owner removes set-user-ID and capabilities; times last. */
function setAttributes(calls: FileCalls, entry: Entry, file: number): Problem {
  fchownSync(file, entry.uid, entry.gid);
  fchmodSync(file, entry.mode);
  const refused: string[] = [];
  for (const one of entry.attributes) {
    const name = Buffer.from(one.name, 'base64');
    try {
      calls.setAttribute(file, { name, value: Buffer.from(one.value, 'base64') });
    } catch (error) {
      refused.push(`${name.toString()} (${messageOf(error)})`);
    }
  }
  calls.setTimes(file, { accessed: BigInt(entry.accessed), modified: BigInt(entry.modified) });
  return refused.length > 0 ? `Extended attributes that could not be set: ${refused.join(', ')}.` : undefined;
}

/** After the rename, which an immutable file would not allow. */
export function putFlags(calls: FileCalls, { flags }: Entry, file: number): void {
  const now = calls.flags(file);
  if (now === undefined || flags === null) return;
  const desired = (now & ~keptFlags) | (flags & keptFlags);
  if (desired !== now) calls.setFlags(file, desired);
}

function rename(folder: Folder, from: Buffer, to: Buffer): void {
  try {
    folder.rename(from, to);
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? taken() : error;
  }
}

function taken(): QuarantineFailure {
  return new QuarantineFailure(
    'failed',
    'A file of that name exists, and it is not overwritten. Move it away, then restore.',
  );
}

function openParent(calls: FileCalls, names: readonly Buffer[]): Folder {
  let folder: Folder;
  try {
    folder = Folder.open(calls, names);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new QuarantineFailure('failed', 'Its folder is gone. Create it again, then restore.');
    if (code === 'ELOOP' || code === 'ENOTDIR')
      throw new QuarantineFailure(
        'failed',
        'A symbolic link, or a file, is now where a folder was, and is not followed.',
      );
    throw failureOf(error, 'Its folder could not be opened');
  }
  // A folder that was removed meanwhile can still be open; nothing can be created in it.
  if (fstatSync(folder.descriptor).nlink > 0) return folder;
  folder.close();
  throw new QuarantineFailure('failed', 'Its folder is gone. Create it again, then restore.');
}
