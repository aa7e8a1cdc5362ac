/**
 * Walks directories in a fixed order, so that a sweep can go on where it was, and hands out files in batches.
 *
 * Nothing is followed: no symbolic link, no mount. Paths are bytes.
 */
import { lstatSync, opendirSync, readdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { joined, split } from '../files/path.ts';

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
  readonly paths: readonly Buffer[];
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
/** So many folders without a file, and whoever walks may do something else. */
const foldersAtOnce = 64;
/** A folder of so many bytes is read bit by bit: slower, but it need not fit into memory. */
const largeFolder = 4 * 1024 * 1024;

/** A batch may be empty: then nothing has been found for a while. */
export function* walk(options: WalkOptions): Generator<Batch> {
  const first = options.from?.root ?? 0;
  for (const [index, root] of options.roots.entries()) {
    if (index < first) continue;
    const from = index === first && options.from ? restBelow(root.path, options.from.folder) : undefined;
    yield* new Walk(options, root, index).run(from);
  }
}

interface Ahead {
  readonly path: Buffer;
  /** Names on the way to where we were: what comes before them is done. Empty there, undefined after it. */
  readonly done: readonly Buffer[] | undefined;
}

class Walk {
  readonly #options: WalkOptions;
  readonly #root: WalkRoot;
  readonly #index: number;
  #paths: Buffer[] = [];
  #device = 0;
  #at: Buffer;

  constructor(options: WalkOptions, root: WalkRoot, index: number) {
    this.#options = options;
    this.#root = root;
    this.#index = index;
    this.#at = root.path;
  }

  *run(from: readonly Buffer[] | undefined): Generator<Batch> {
    const ahead: Ahead[] = [{ path: this.#root.path, done: from }];
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
    const below: Buffer[] = [];
    const onlyPassing = done !== undefined && done.length > 0;
    for (const { name, isFile } of this.#entries(path, stats)) {
      if (!isFile) below.push(name);
      else if (!onlyPassing) this.#paths.push(joined(path, name));
      if (this.#paths.length >= batchSize) {
        yield this.#take();
        this.#at = path;
      }
    }
    pushInOrder(ahead, path, below, done ?? []);
  }

  /** Undefined for what is not ours to go into. */
  #look(path: Buffer): Stats | undefined {
    const { mountPoints, leftOut, unreadable } = this.#options;
    const isRoot = path.equals(this.#root.path);
    // Before it is looked at: a server that does not answer would hold us up for ever.
    if (!isRoot && mountPoints.has(path.toString('latin1'))) return undefined;
    let stats: Stats | undefined;
    try {
      stats = lstatSync(path, { throwIfNoEntry: false });
    } catch {
      unreadable();
      return undefined;
    }
    if (!stats || !(stats.isDirectory() || (isRoot && stats.isFile())) || leftOut(stats)) return undefined;
    return isRoot || stats.dev === this.#root.device || this.#root.subvolumes ? stats : undefined;
  }

  *#entries(path: Buffer, stats: Stats): Generator<{ readonly name: Buffer; readonly isFile: boolean }> {
    try {
      if (stats.size > largeFolder) return yield* entriesBitByBit(path);
      for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
        if (entry.isFile()) yield { name: entry.name, isFile: true };
        else if (entry.isDirectory()) yield { name: entry.name, isFile: false };
      }
    } catch {
      this.#options.unreadable();
    }
  }

  #take(): Batch {
    const batch = { at: { root: this.#index, folder: this.#at }, device: this.#device, paths: this.#paths };
    this.#paths = [];
    return batch;
  }
}

function* entriesBitByBit(path: Buffer): Generator<{ readonly name: Buffer; readonly isFile: boolean }> {
  // The types of Node know text encodings only; names that are bytes come as bytes all the same.
  const options: { bufferSize: number; encoding?: BufferEncoding } = { bufferSize: 1024 };
  Object.assign(options, { encoding: 'buffer' });
  const folder = opendirSync(path, options);
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
      const name = Buffer.from(entry.name);
      if (entry.isFile()) yield { name, isFile: true };
      else if (entry.isDirectory()) yield { name, isFile: false };
    }
  } finally {
    folder.closeSync();
  }
}

/** What was done before is left out; the next in order lies on top. */
function pushInOrder(ahead: Ahead[], path: Buffer, names: readonly Buffer[], done: readonly Buffer[]): void {
  const [name, ...rest] = done;
  for (const one of names.toSorted((first, second) => Buffer.compare(second, first))) {
    const order = name ? Buffer.compare(one, name) : 1;
    if (order >= 0) ahead.push({ path: joined(path, one), done: order === 0 ? rest : undefined });
  }
}

/** Undefined when it is not below the root: then all of the root is walked. */
function restBelow(root: Buffer, folder: Buffer): Buffer[] | undefined {
  const [start, way] = [namesOf(root), namesOf(folder)];
  if (!start.every((name, index) => way[index]?.equals(name) === true)) return undefined;
  return way.slice(start.length);
}

function namesOf(path: Buffer): Buffer[] {
  return split(path).filter(({ length }) => length > 0);
}
