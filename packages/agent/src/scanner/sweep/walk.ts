/**
 * Walks directories in a fixed order, so that a sweep can continue where it was, and returns files in batches.
 *
 * Nothing is followed: no symbolic link, no mount. Paths are bytes: here as latin1, one character a byte, which Node
 * makes three times as fast as buffers.
 */
import { lstatSync, opendirSync, readdirSync } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';

export interface WalkRoot {
  /** Absolute, without a symbolic link on the way. */
  readonly path: Buffer;
  readonly device: number;
  /** Folders of another device are its subvolumes (btrfs). */
  readonly subvolumes: boolean;
}

/** A folder on the way: all before it are done. */
export interface Position {
  readonly root: number;
  readonly folder: Buffer;
}

export interface Batch {
  /** The first folder of which this batch has files. */
  readonly at: Position;
  readonly device: number;
  /** As latin1. */
  readonly paths: readonly string[];
}

export interface WalkOptions {
  readonly roots: readonly WalkRoot[];
  /** Where mounts are: they are swept as filesystems of their own, or not at all. */
  readonly mountPoints: ReadonlySet<string>;
  readonly leftOut: (folder: Stats) => boolean;
  readonly from: Position | undefined;
  readonly unreadable: () => void;
}

export const batchSize = 200;
/** After this many folders without a file, the caller may do something else. */
const foldersAtOnce = 64;
/** A folder of this many bytes is read in parts: slower, but it need not fit into memory. */
const largeFolder = 4 * 1024 * 1024;

/** A batch may be empty: then nothing was found for a while. */
export function* walk(options: WalkOptions): Generator<Batch> {
  const first = options.from?.root ?? 0;
  for (const [index, root] of options.roots.entries()) {
    if (index < first) continue;
    const from = index === first && options.from ? restBelow(root.path, options.from.folder) : undefined;
    yield* new Walk(options, root, index).run(from);
  }
}

interface Ahead {
  readonly path: string;
  /** Names on the way to where we were: what comes before them is done. Empty there, undefined after it. */
  readonly done: readonly string[] | undefined;
}

interface Entry {
  readonly name: string;
  readonly isFile: boolean;
}

class Walk {
  readonly #options: WalkOptions;
  readonly #root: WalkRoot;
  readonly #index: number;
  readonly #rootPath: string;
  #paths: string[] = [];
  #device = 0;
  #at: string;

  constructor(options: WalkOptions, root: WalkRoot, index: number) {
    this.#options = options;
    this.#root = root;
    this.#index = index;
    this.#rootPath = root.path.toString('latin1');
    this.#at = this.#rootPath;
  }

  *run(from: readonly string[] | undefined): Generator<Batch> {
    const ahead: Ahead[] = [{ path: this.#rootPath, done: from }];
    let quiet = 0;
    for (let next = ahead.pop(); next; next = ahead.pop()) {
      for (const batch of this.#folder(next, ahead)) {
        yield batch;
        quiet = 0;
      }
      quiet += 1;
      if (quiet % foldersAtOnce === 0) yield this.#take();
    }
    if (this.#paths.length > 0) yield this.#take();
  }

  *#folder({ path, done }: Ahead, ahead: Ahead[]): Generator<Batch> {
    const stats = this.#look(path);
    if (!stats) return;
    if (this.#paths.length > 0 && this.#device !== stats.dev) yield this.#take();
    this.#device = stats.dev;
    if (this.#paths.length === 0) this.#at = path;
    if (stats.isFile()) return void this.#paths.push(path);
    const below: string[] = [];
    const start = path.endsWith('/') ? path : `${path}/`;
    const onlyPassing = done !== undefined && done.length > 0;
    for (const { name, isFile } of this.#entries(path, stats)) {
      if (!isFile) below.push(name);
      else if (!onlyPassing) this.#paths.push(start + name);
      if (this.#paths.length >= batchSize) {
        yield this.#take();
        this.#at = path;
      }
    }
    pushInOrder(ahead, start, below, done ?? []);
  }

  /** Undefined for what we must not enter. */
  #look(path: string): Stats | undefined {
    const { mountPoints, leftOut, unreadable } = this.#options;
    const isRoot = path === this.#rootPath;
    // Before it is looked at: a server that does not answer would block us forever.
    if (!isRoot && mountPoints.has(path)) return undefined;
    let stats: Stats | undefined;
    try {
      stats = lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false });
    } catch {
      unreadable();
      return undefined;
    }
    if (!stats || !(stats.isDirectory() || (isRoot && stats.isFile())) || leftOut(stats)) return undefined;
    return isRoot || stats.dev === this.#root.device || this.#root.subvolumes ? stats : undefined;
  }

  *#entries(path: string, stats: Stats): Generator<Entry> {
    const folder = Buffer.from(path, 'latin1');
    try {
      if (stats.size > largeFolder) yield* entriesBitByBit(folder);
      else yield* entriesOf(folder);
    } catch {
      this.#options.unreadable();
    }
  }

  #take(): Batch {
    const folder = Buffer.from(this.#at, 'latin1');
    const batch = { at: { root: this.#index, folder }, device: this.#device, paths: this.#paths };
    this.#paths = [];
    return batch;
  }
}

function* entriesOf(folder: Buffer): Generator<Entry> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, encoding: 'latin1' });
  } catch (error) {
    // A filesystem may not give the types of its entries: then Node looks itself, and needs one kind of both.
    if (!(error instanceof TypeError)) throw error;
    for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
      if (entry.isFile()) yield { name: entry.name.toString('latin1'), isFile: true };
      else if (entry.isDirectory()) yield { name: entry.name.toString('latin1'), isFile: false };
    }
    return;
  }
  for (const entry of entries) {
    if (entry.isFile()) yield { name: entry.name, isFile: true };
    else if (entry.isDirectory()) yield { name: entry.name, isFile: false };
  }
}

function* entriesBitByBit(path: Buffer): Generator<Entry> {
  // Node's types know text encodings only; names that are bytes still come as bytes.
  const options: { bufferSize: number; encoding?: BufferEncoding } = { bufferSize: 1024 };
  Object.assign(options, { encoding: 'buffer' });
  const folder = opendirSync(path, options);
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
      const name = Buffer.from(entry.name).toString('latin1');
      if (entry.isFile()) yield { name, isFile: true };
      else if (entry.isDirectory()) yield { name, isFile: false };
    }
  } finally {
    folder.closeSync();
  }
}

/** Leaves out what was done before; the next in sequence is on top. */
function pushInOrder(ahead: Ahead[], start: string, names: readonly string[], done: readonly string[]): void {
  const [name, ...rest] = done;
  // Character by character, and so byte by byte.
  for (const one of names.toSorted().toReversed()) {
    if (name !== undefined && one < name) continue;
    ahead.push({ path: start + one, done: one === name ? rest : undefined });
  }
}

/** Undefined when it is not below the root: then all of the root is walked. */
function restBelow(root: Buffer, folder: Buffer): string[] | undefined {
  const [start, way] = [namesOf(root), namesOf(folder)];
  if (!start.every((name, index) => way[index] === name)) return undefined;
  return way.slice(start.length);
}

function namesOf(path: Buffer): string[] {
  return path
    .toString('latin1')
    .split('/')
    .filter((name) => name !== '');
}
