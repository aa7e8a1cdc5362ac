/**
 * What names a file and the content that it had: the key of both digest caches.
 *
 * A digest is valid as long as device, inode, size, mtime and ctime are what they were. There are two caches, because
 * their memory differs: the readers of on-access share a small table that all of them write at any moment
 * (on-access/reader/digest-cache.ts); a sweep reads a table of a million files from disk, which nobody writes meanwhile
 * (scanner/sweep/digest-records.ts). What is in them is the digest, never a decision: a changed list needs nothing read
 * again.
 */
import type { Stats } from 'node:fs';

export type FileVersion = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/**
 * How long a file must be unchanged before its digest is remembered. Two changes within one tick of a file's clock leave
 * the same time behind, so content that is read between them would pass for the content after both (git calls such a
 * file racily clean).
 *
 * A sweep has nothing but the times, so it takes the coarsest clock that a filesystem has: 2 s of FAT. The kernel reports
 * every written file to on-access, which then forgets the digest; so it needs only the kernel's own tick, 10 ms at most
 * before Linux 6.13, for a change that is still to be reported.
 */
export const settledAfterMs = { sweep: 2000, onAccess: 50 } as const;

/**
 * Whether the file was unchanged for long enough when it was read `at`. Each change moves ctime, and no program can set
 * it back. One in the future (the clock was set back) is never settled.
 */
export function isSettled({ ctimeMs }: Pick<FileVersion, 'ctimeMs'>, at: number, afterMs: number): boolean {
  return at - ctimeMs > afterMs;
}

/** The same content, of a file that is known to be the same. */
export function isUnchanged(before: FileVersion, after: FileVersion): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs;
}

/** Two files must not look like one because a double cannot distinguish their inodes. */
export function hasExactInode({ ino }: Pick<FileVersion, 'ino'>): boolean {
  return Number.isSafeInteger(ino);
}
