/** Hashes a file in the browser; the file itself is never sent. */
import type { HashMessage } from './hash-worker.ts';

export interface HashedFile {
  readonly name: string;
  readonly size: number;
  /** Upper-case hex, as in the list. */
  readonly sha1: string;
  readonly sha256: string;
}

/** Resolves with the digests, or with undefined once `signal` aborts. */
export function hashOf(
  file: File,
  { progress, signal }: { progress: (bytes: number) => void; signal: AbortSignal },
): Promise<HashedFile | undefined> {
  const worker = new Worker(new URL('hash-worker.ts', import.meta.url), { type: 'module' });
  const { promise, resolve, reject } = Promise.withResolvers<HashedFile | undefined>();
  worker.addEventListener('message', ({ data }: MessageEvent<HashMessage>) => {
    switch (data.kind) {
      case 'read':
        progress(data.bytes);
        break;
      case 'done':
        resolve({ name: file.name, size: file.size, sha1: data.sha1, sha256: data.sha256 });
        break;
      case 'unreadable':
        reject(new Error(`${file.name} cannot be read. Folders are not supported; drop the files in them instead.`));
    }
  });
  worker.addEventListener('error', () => {
    reject(new Error('The file hashing code could not be loaded. Reload the page and try again.'));
  });
  signal.addEventListener('abort', () => resolve(undefined));
  worker.postMessage(file);
  return promise.finally(() => worker.terminate());
}
