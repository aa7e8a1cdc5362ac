/** A file on disk as content to upload: read once for its checksum and once to send it, in constant memory. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { checksumPrefix } from '@cordon/protocol/signing';
import { CordonError, aborted, usage } from '../errors.ts';
import type { FileContent } from '../automation/file-content.ts';

export interface FileProgress {
  readonly pass: 'hash' | 'send';
  /** Bytes of the file. */
  readonly done: number;
  readonly total: number;
}

export interface FileOptions {
  readonly onProgress?: (progress: FileProgress) => void;
}

/** What must be the same in both passes. */
interface Snapshot {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** One pass through the file. */
interface Pass {
  readonly pass: FileProgress['pass'];
  readonly signal: AbortSignal | undefined;
}

interface File {
  readonly path: string;
  readonly snapshot: Snapshot;
  readonly onProgress: (progress: FileProgress) => void;
}

/** A multiple of three, so that only the last slice needs base64 padding. */
const sliceBytes = 3 * 65_536;

/** Rejects if there is no such file, or if it is not a regular one. */
export async function fileAt(
  path: string,
  options: FileOptions = {},
): Promise<FileContent & { readonly name: string }> {
  const file = { path, snapshot: await inspect(path), onProgress: options.onProgress ?? ((): void => {}) };
  const total = Number(file.snapshot.size);
  let sha1 = '';
  return {
    name: basename(path),
    sha1: () => Promise.resolve(sha1),
    wrap: (before, after, signal) => ({
      length: Buffer.byteLength(before) + Math.ceil(total / 3) * 4 + Buffer.byteLength(after),
      checksum: async (head) => {
        const content = createHash('sha1');
        const request = createHash('sha256').update(checksumPrefix(head)).update(before);
        for await (const slice of slices(file, { pass: 'hash', signal })) {
          content.update(slice);
          request.update(slice.toString('base64'));
        }
        sha1 = content.digest('hex').toUpperCase();
        return request.update(after).digest('base64');
      },
      chunks: () => wrapped(slices(file, { pass: 'send', signal }), before, after),
    }),
  };
}

async function* wrapped(content: AsyncIterable<Buffer>, before: string, after: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(before);
  for await (const slice of content) yield Buffer.from(slice.toString('base64'), 'latin1');
  yield Buffer.from(after);
}

/** The file in slices, each valid until the next is requested; refuses if the file has changed since the snapshot. */
async function* slices(file: File, { pass, signal }: Pass): AsyncGenerator<Buffer> {
  const handle = await open(file.path, 'r').catch((error: unknown) => unreadable(file.path, error));
  try {
    const total = Number(file.snapshot.size);
    const buffer = Buffer.allocUnsafe(Math.min(sliceBytes, Math.max(total, 1)));
    await sameOrThrow(handle, file);
    for (let done = 0; done < total;) {
      if (signal?.aborted === true) throw aborted(signal.reason);
      const desired = Math.min(buffer.length, total - done);
      if ((await fill(handle, buffer.subarray(0, desired), done)) < desired) throw changed(file.path);
      done += desired;
      yield buffer.subarray(0, desired);
      file.onProgress({ pass, done, total });
    }
    await sameOrThrow(handle, file);
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, into: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function inspect(path: string): Promise<Snapshot> {
  const found = await stat(path, { bigint: true }).catch((error: unknown) => unreadable(path, error));
  if (!found.isFile()) throw usage(`${path} is not a regular file.`, 'Name one file.');
  return { size: found.size, mtimeNs: found.mtimeNs, ino: found.ino };
}

async function sameOrThrow(handle: FileHandle, file: File): Promise<void> {
  const now = await handle.stat({ bigint: true });
  const { size, mtimeNs, ino } = file.snapshot;
  if (now.size !== size || now.mtimeNs !== mtimeNs || now.ino !== ino) throw changed(file.path);
}

function changed(path: string): CordonError {
  return new CordonError('failed', `${path} changed while it was being uploaded.`, {
    hint: 'Upload a copy that nobody writes to.',
  });
}

function unreadable(path: string, error: unknown): never {
  const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const words: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'it may not be read' };
  throw usage(`${path} cannot be uploaded: ${words[why] ?? why}.`, 'Check the path.');
}
