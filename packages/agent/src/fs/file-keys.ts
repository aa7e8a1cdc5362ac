/**
 * The keys of protected files: one of the path, and one of the file itself.
 *
 * Bind mounts, hard links and other mount namespaces give a file further paths, and it stays the same file by any. Its
 * birth time distinguishes it from a later one of the same inode, on filesystems that keep it.
 */
import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';

export type FileItself = Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>;

/** A path, the file that it leads to, and the folders on the way. */
export interface Place {
  readonly path: Buffer;
  /** Undefined when the path does not lead to the file that was matched: then the path says nothing about it. */
  readonly file: FileItself | undefined;
  readonly folders: readonly FileItself[];
}

const slash = 0x2f;

/** 48 bits: 600,000 of them take 5 MB, and another file is mistaken for one of them once in a billion. */
export function pathKey(path: Buffer): number {
  return hash('sha256', path, 'buffer').readUIntBE(0, 6);
}

/** No path begins with a digit, so no path is taken for a file. */
export function fileKey({ dev, ino, birthtimeMs }: FileItself): number {
  return pathKey(Buffer.from(`${dev} ${ino} ${birthtimeMs}`));
}

/** The place of a file that was matched under this path. Nothing is opened. */
export function placeOf(path: Buffer, matched: { readonly device: number; readonly inode: number }): Place {
  const found = statsAt(path);
  const file = found?.dev === matched.device && found.ino === matched.inode ? found : undefined;
  return { path, file, folders: file ? foldersAbove(path).flatMap((folder) => statsAt(folder) ?? []) : [] };
}

/** Undefined for what is not there, or cannot be read: then there is no file to take. */
export function statsAt(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A path too long, or a loop of links.
  }
}

function foldersAbove(path: Buffer): Buffer[] {
  const folders: Buffer[] = [];
  for (let at = path.lastIndexOf(slash); at > 0; at = path.lastIndexOf(slash, at - 1))
    folders.push(path.subarray(0, at));
  return folders;
}

/** Where a key is among sorted ones; undefined when it is not. */
export function indexOfKey(sorted: Float64Array, key: number): number | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === key ? low : undefined;
}
