/** Keeps the protected files as current as the package databases, without blocking anything. */
import { Worker } from 'node:worker_threads';
import { threadProgram } from '../../entry.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import { ProtectedFileIndex, protectedFilesVersion } from './protected-files.ts';
import type { ProtectedFilesData, ProtectedFilesPlaces } from './protected-files.ts';

const lookIntervalMs = 60_000;

export class ProtectedFilesKeeper {
  readonly #places: ProtectedFilesPlaces;
  readonly #changed: (protectedFiles: ProtectedFileIndex) => void;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #version: string | undefined;
  #current: Promise<ProtectedFileIndex> | undefined;

  /** `changed` receives the first list, and each new one. */
  constructor(places: ProtectedFilesPlaces, changed: (protectedFiles: ProtectedFileIndex) => void, log: Log) {
    this.#places = places;
    this.#changed = changed;
    this.#log = log;
    this.#timer = setInterval(() => this.refresh(), lookIntervalMs);
    this.refresh();
  }

  /** Waits for a list that is being built. Rejects when there is none: then nothing may be taken. */
  async get(): Promise<ProtectedFileIndex> {
    this.refresh();
    if (!this.#current) throw new Error('The list of protected files could not be built.');
    return this.#current;
  }

  refresh(): void {
    const version = protectedFilesVersion(this.#places);
    if (version === this.#version) return;
    this.#version = version;
    const before = this.#current;
    this.#current = this.#build().catch((error: unknown) => {
      this.#version = undefined;
      this.#log('protected files not listed', { message: messageOf(error) });
      if (before) return before;
      throw error;
    });
    // `get` reports the failure.
    this.#current.catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #build(): Promise<ProtectedFileIndex> {
    const data = await buildAside(this.#places);
    for (const message of data.problems) this.#log('protected files incomplete', { message });
    const protectedFiles = new ProtectedFileIndex(data);
    this.#log('protected files listed', { package: data.package.length, always: data.always.length });
    this.#changed(protectedFiles);
    return protectedFiles;
  }
}

async function buildAside(places: ProtectedFilesPlaces): Promise<ProtectedFilesData> {
  const worker = new Worker(threadProgram('scanner/protected-files/worker'), { workerData: places });
  const { promise, resolve, reject } = Promise.withResolvers<ProtectedFilesData>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('The thread that lists the protected files ended early.')));
  return promise;
}
