/**
 * Which files are protected from quarantine and denial, and which package owns them.
 *
 * Each is known by its path, which stays when an update puts a new file there, and as the file itself, whatever other
 * path leads to it (fs/file-keys.ts).
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { loaders, ownFolders, ownPrograms, shells } from './always.ts';
import { dpkgFiles } from './dpkg.ts';
import type { OwnedFile } from './dpkg.ts';
import { messageOf } from '../../message-of.ts';
import { indexOfKey, fileKey, pathKey, statsAt } from '../../fs/file-keys.ts';
import type { FileItself, Place } from '../../fs/file-keys.ts';
import { rpmDatabase, rpmFiles, unsupportedRpm } from './rpm.ts';

export interface ProtectedFilesData {
  /** Keys of paths and of files, sorted. */
  readonly package: Float64Array<ArrayBuffer>;
  /** For each of those, the index of its owner's name; 0 is no owner. */
  readonly owners: Uint16Array<ArrayBuffer>;
  readonly names: readonly string[];
  /** Likewise, and Cordon's own folders. */
  readonly always: Float64Array<ArrayBuffer>;
  /** Everything in these is Cordon's own. */
  readonly folders: readonly string[];
  readonly problems: readonly string[];
}

/** The longest line between our processes holds this many. */
const maxPaths = 500_000;
const maxOwnFiles = 20_000;
const unowned = 0;

export interface ProtectedFilesPlaces {
  /** `/`, or a tree that stands for it in a test. */
  readonly root: string;
  /** The state folder of the agent. */
  readonly state: string;
}

export class ProtectedFileIndex {
  readonly #data: ProtectedFilesData;

  constructor(data: ProtectedFilesData) {
    this.#data = data;
  }

  /** Its path as the kernel has it: without symbolic links. */
  kindOf({ path, file, folders }: Place): 'always' | 'package' | undefined {
    if (!file) return undefined;
    const text = path.toString('latin1');
    if (this.#data.folders.some((folder) => text.startsWith(`${folder}/`))) return 'always';
    const isAlways = (key: number): boolean => indexOfKey(this.#data.always, key) !== undefined;
    // A folder of ours that is mounted elsewhere is ours there, with everything made in it since we looked.
    if ([pathKey(path), fileKey(file), ...folders.map(fileKey)].some(isAlways)) return 'always';
    return this.#indexOfKey({ path, file }) === undefined ? undefined : 'package';
  }

  /** `dpkg:coreutils`; null when no package owns it. */
  packageOf(place: Place): string | null {
    const index = this.#indexOfKey(place);
    const owner = index === undefined ? unowned : (this.#data.owners[index] ?? unowned);
    return owner === unowned ? null : (this.#data.names[owner] ?? null);
  }

  /** As on-access receives it: see ipc/worker-messages.ts. */
  get packed(): { package: string; always: string } {
    return { package: base64Of(this.#data.package), always: base64Of(this.#data.always) };
  }

  #indexOfKey({ path, file }: Pick<Place, 'path' | 'file'>): number | undefined {
    if (!file) return undefined;
    return indexOfKey(this.#data.package, pathKey(path)) ?? indexOfKey(this.#data.package, fileKey(file));
  }
}

/** Reads the package databases: a second of work on a large system, so not in a thread that others wait for. */
export function buildProtectedFiles({ root, state }: ProtectedFilesPlaces): ProtectedFilesData {
  const problems: string[] = [];
  const canonical = new Canonical(root);
  const owned = new Owned();
  const addAll = (files: Iterable<OwnedFile>): void => {
    for (const { path, owner } of files) owned.add(canonical.of(path), owner);
  };
  readInto(problems, 'The list of dpkg', () => addAll(dpkgFiles(join(root, 'var/lib/dpkg'))));
  const rpm = rpmDatabase(root);
  if (rpm !== undefined) readInto(problems, 'The database of rpm', () => addAll(rpmFiles(rpm)));
  const unsupported = unsupportedRpm(root);
  if (unsupported !== undefined) problems.push(unsupported);
  if (owned.isFull) problems.push(`More than ${maxPaths} files are of packages; the others are not protected.`);
  for (const shell of shells(root)) owned.add(canonical.whole(shell), undefined);
  const folders = ownFolders(state);
  const always = [
    ...loaders(root).map((path) => canonical.whole(path)),
    ...ownPrograms().map(bytesOf),
    ...folders.flatMap((folder) => [bytesOf(folder), ...everythingBelow(folder)]),
  ];
  return {
    ...owned.data,
    always: Float64Array.from(new Set(always.flatMap((path) => keysOf(path, statsAt(path))))).sort(),
    folders: folders.map((folder) => Buffer.from(folder).toString('latin1')),
    problems,
  };
}

/** Collects files and the packages that own them. */
class Owned {
  readonly #owners = new Map<number, number>();
  readonly #names = new Map<string, number>();
  #paths = 0;

  /** Without a new owner it keeps the one it has. */
  add(path: Buffer, owner: string | undefined): void {
    if (this.isFull) return;
    this.#paths += 1;
    const number = owner === undefined ? unowned : numberOf(this.#names, owner);
    const found = statsAt(path);
    // A link has no content of its own, and neither has a folder.
    for (const key of keysOf(path, found?.isFile() === true ? found : undefined))
      if (number !== unowned || !this.#owners.has(key)) this.#owners.set(key, number);
  }

  get isFull(): boolean {
    return this.#paths >= maxPaths;
  }

  get data(): Pick<ProtectedFilesData, 'package' | 'owners' | 'names'> {
    const keys = Float64Array.from(this.#owners.keys()).sort();
    return {
      package: keys,
      owners: Uint16Array.from(keys, (key) => this.#owners.get(key) ?? unowned),
      names: ['', ...this.#names.keys()].map((name) => name.slice(0, 255)),
    };
  }
}

function keysOf(path: Buffer, file: FileItself | undefined): number[] {
  return file ? [pathKey(path), fileKey(file)] : [pathKey(path)];
}

/** What changes when packages or shells do. */
export function protectedFilesVersion({ root }: ProtectedFilesPlaces): string {
  const rpm = rpmDatabase(root);
  const paths = ['var/lib/dpkg/info', 'var/lib/dpkg/diversions', 'etc/shells'].map((path) => join(root, path));
  return [...paths, ...(rpm === undefined ? [] : [rpm, `${rpm}-wal`])]
    .map((path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .join(' ');
}

/** Packages may name files through symbolic links: /bin/ls is /usr/bin/ls. */
class Canonical {
  readonly #root: string;
  readonly #folders = new Map<string, Buffer>();

  constructor(root: string) {
    this.#root = root === '/' ? '' : root;
  }

  /** Its folder is resolved; the file itself may be a link, and then it is not the protected one. */
  of(path: string): Buffer {
    const end = path.lastIndexOf('/');
    const folder = path.slice(0, end);
    const known = this.#folders.get(folder) ?? this.#real(folder);
    this.#folders.set(folder, known);
    return Buffer.concat([known, Buffer.from(path.slice(end), 'latin1')]);
  }

  whole(path: string): Buffer {
    return this.#real(Buffer.from(path).toString('latin1'));
  }

  #real(path: string): Buffer {
    const bytes = Buffer.from(`${this.#root}${path}`, 'latin1');
    if (path === '') return Buffer.from(this.#root);
    try {
      return realpathSync(bytes, { encoding: 'buffer' });
    } catch {
      return bytes; // Missing: then nothing needs protection there.
    }
  }
}

function everythingBelow(folder: string): Buffer[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .slice(0, maxOwnFiles)
    .map(({ parentPath, name }) => Buffer.from(join(parentPath, name)));
}

function numberOf(names: Map<string, number>, name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  // 0 is unowned; the files of packages beyond the limit are still protected.
  const number = names.size + 1 > 65_535 ? unowned : names.size + 1;
  if (number !== unowned) names.set(name, number);
  return number;
}

function base64Of(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path);
}

function readInto(problems: string[], what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    problems.push(`${what} could not be read: ${messageOf(error)}`);
  }
}
