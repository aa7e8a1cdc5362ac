/** Keeps the shield as new as the package databases are, without holding anybody up. */
import { Worker } from 'node:worker_threads';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import { ProtectedFiles, protectedFilesVersion } from './protected-files.ts';
import type { ProtectedFilesData, ProtectedFilesPlaces } from './protected-files.ts';

const lookIntervalMs = 60_000;

export class ProtectedFilesKeeper {
  readonly #places: ProtectedFilesPlaces;
  readonly #told: (protectedFiles: ProtectedFiles) => void;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #version: string | undefined;
  #current: Promise<ProtectedFiles> | undefined;

  /** `told` of the first one, and of each that is new. */
  constructor(places: ProtectedFilesPlaces, told: (protectedFiles: ProtectedFiles) => void, log: Log) {
    this.#places = places;
    this.#told = told;
    this.#log = log;
    this.#timer = setInterval(() => this.refresh(), lookIntervalMs);
    this.refresh();
  }

  /** Waits for one that is being built. Rejects when there is none: then nothing may be taken away. */
  async get(): Promise<ProtectedFiles> {
    this.refresh();
    if (!this.#current) throw new Error('The shield could not be built.');
    return this.#current;
  }

  refresh(): void {
    const version = protectedFilesVersion(this.#places);
    if (version === this.#version) return;
    this.#version = version;
    const before = this.#current;
    this.#current = this.#build().catch((error: unknown) => {
      this.#version = undefined;
      this.#log('shield not built', { message: messageOf(error) });
      if (before) return before;
      throw error;
    });
    // Whoever needs it hears of the failure by `get`.
    this.#current.catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #build(): Promise<ProtectedFiles> {
    const data = await buildAside(this.#places);
    for (const message of data.problems) this.#log('shield incomplete', { message });
    const protectedFiles = new ProtectedFiles(data);
    this.#log('shield built', { package: data.package.length, always: data.always.length });
    this.#told(protectedFiles);
    return protectedFiles;
  }
}

async function buildAside(places: ProtectedFilesPlaces): Promise<ProtectedFilesData> {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: places });
  const { promise, resolve, reject } = Promise.withResolvers<ProtectedFilesData>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('The thread that builds the shield ended early.')));
  return promise;
}
