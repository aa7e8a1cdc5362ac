/** Hashes of a file, worked out in the browser: the file itself goes nowhere. */
import { hexOf } from '../calls/ed25519.ts';

export interface HashedFile {
  readonly name: string;
  readonly size: number;
  /** Upper-case hex, as the list names files. */
  readonly sha1: string;
  readonly sha256: string;
}

/** The browser hashes a file in one piece, which has to fit its memory. */
const largest = 512 * 1024 * 1024;

export async function hashOf(file: File): Promise<HashedFile> {
  if (file.size > largest) {
    const size = Math.ceil(file.size / 1024 / 1024);
    throw new Error(`${file.name} has ${size} MiB; a browser hashes up to 512. Use "cordon objects add-file" for it.`);
  }
  const content = await file.arrayBuffer().catch(() => {
    throw new Error(`${file.name} cannot be read. A folder cannot be listed; drop the files in it.`);
  });
  const [sha1, sha256] = await Promise.all([
    crypto.subtle.digest('SHA-1', content),
    crypto.subtle.digest('SHA-256', content),
  ]);
  return { name: file.name, size: file.size, sha1: hexOf(sha1).toUpperCase(), sha256: hexOf(sha256) };
}
