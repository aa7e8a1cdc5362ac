/**
 * The numbers by which the shield knows a file: one of its path, and one of the file itself.
 *
 * Bind mounts, hard links and other mount namespaces give a file further paths, and it stays the same file by any. The
 * time of its birth tells it from a later one of the same inode, on filesystems that keep it.
 */
import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';

export type FileItself = Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>;

/** A path, the file that it leads to, and the folders on the way. */
export interface Place {
  readonly path: Buffer;
  /** Undefined when the path does not lead to the file that was met: then the path says nothing of it. */
  readonly file: FileItself | undefined;
  readonly folders: readonly FileItself[];
}

const slash = 0x2f;

/** Of 48 bits: 600,000 of them take 5 MB, and a stranger is mistaken for one of them once in a billion. */
export function pathKey(path: Buffer): number {
  return hash('sha256', path, 'buffer').readUIntBE(0, 6);
}

/** No path begins with a digit, so that none is taken for a file. */
export function fileKey({ dev, ino, birthtimeMs }: FileItself): number {
  return pathKey(Buffer.from(`${dev} ${ino} ${birthtimeMs}`));
}

/** Where a file was met that had these numbers. Nothing is opened. */
export function placeOf(path: Buffer, met: { readonly device: number; readonly inode: number }): Place {
  const found = statsAt(path);
  const file = found?.dev === met.device && found.ino === met.inode ? found : undefined;
  return { path, file, folders: file ? foldersAbove(path).flatMap((folder) => statsAt(folder) ?? []) : [] };
}

/** Undefined for what is not there, or cannot be looked at: then it is no file that anybody could take. */
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
