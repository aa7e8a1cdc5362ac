/** The folder of the quarantine: the key, and for each copy its encrypted content and what is known of it. */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, statfsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesIn, makeFolder, readIfThere, removeIfThere, syncFolder, writeDurably } from '../../fs/durable.ts';
import type { FileCalls } from '../../kernel/file-calls.ts';
import { PieceCipher } from './cipher.ts';
import { entryIn } from './entry.ts';
import type { Entry } from './entry.ts';
import type { Problem } from '../../problem.ts';

const keyFile = 'key';
const keyBytes = 32;
const contentEnding = '.content';
const entryEnding = '.json';
/** What the quarantine leaves free on its disk. */
const spareBytes = 64 * 1024 * 1024;

/** Each moment at which the power may fail; tests let it fail there. */
export type Step =
  | 'copied'
  | 'noted'
  | 'unlocked'
  | 'aside'
  | 'unlinked'
  | 'held'
  | 'restoring'
  | 'written'
  | 'named'
  | 'placed'
  | 'forgotten';

export interface StoreOptions {
  readonly calls: FileCalls;
  readonly folder: string;
  /** Called after each step. */
  readonly step?: (step: Step) => void;
}

export class Store {
  readonly calls: FileCalls;
  readonly folder: string;
  readonly step: (step: Step) => void;
  readonly #key: Buffer;

  constructor({ calls, folder, step = () => undefined }: StoreOptions) {
    this.calls = calls;
    this.folder = folder;
    this.step = step;
    makeFolder(folder);
    this.#key = keyIn(join(folder, keyFile));
  }

  cipher(copy: string): PieceCipher {
    return new PieceCipher(this.#key, copy);
  }

  content(id: string): string {
    return join(this.folder, `${id}${contentEnding}`);
  }

  write(entry: Entry): void {
    writeDurably(join(this.folder, `${entry.id}${entryEnding}`), JSON.stringify(entry));
  }

  /** Undefined when there is none, or a damaged one. */
  read(id: string): Entry | undefined {
    return /^[0-9A-F-]{36}$/.test(id) ? entryIn(join(this.folder, `${id}${entryEnding}`)) : undefined;
  }

  entries(): Entry[] {
    return this.#names(entryEnding).flatMap((id) => this.read(id) ?? []);
  }

  /** The entry first: content alone is removed at the next start. */
  forget(id: string): void {
    removeIfThere(join(this.folder, `${id}${entryEnding}`));
    syncFolder(this.folder);
    removeIfThere(this.content(id));
  }

  /** What a power cut left: content without an entry. */
  sweepOut(): void {
    const known = new Set(this.#names(entryEnding));
    for (const id of this.#names(contentEnding)) if (!known.has(id)) removeIfThere(this.content(id));
    for (const id of this.#names(`${entryEnding}.new`)) removeIfThere(join(this.folder, `${id}${entryEnding}.new`));
  }

  /** Why there is no room: the disk would be almost full afterwards. */
  lacksRoomFor(bytes: number): Problem {
    const { bavail, bsize } = statfsSync(this.folder);
    const free = bavail * bsize;
    if (free >= bytes + spareBytes) return undefined;
    return `The quarantine needs ${bytes} bytes for it and ${spareBytes} to spare; ${free} are free in ${this.folder}. Make room there.`;
  }

  #names(ending: string): string[] {
    return filesIn(this.folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length));
  }
}

/** Made once, readable by root alone. */
function keyIn(path: string): Buffer {
  if (readIfThere(path) === undefined) makeKey(path);
  const key = readFileSync(path);
  if (key.length === keyBytes) return key;
  throw new Error(
    `${path} has ${key.length} bytes and not ${keyBytes}: the copies in quarantine cannot be read without it.`,
  );
}

function makeKey(path: string): void {
  const temporary = `${path}.new`;
  removeIfThere(temporary);
  const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(file, randomBytes(keyBytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}
