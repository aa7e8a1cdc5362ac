/**
 * Which files are shielded from quarantine and denial, and whose they are.
 *
 * Paths are kept as 48 bits of their SHA-256: 300,000 of them take 3 MB, and a stranger's path is mistaken for one of
 * them once in a billion.
 */
import { hash } from 'node:crypto';
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { loaders, ownFolders, ownPrograms, shells } from './always.ts';
import { dpkgFiles } from './dpkg.ts';
import type { OwnedFile } from './dpkg.ts';
import { rpmDatabase, rpmFiles, unsupportedRpm } from './rpm.ts';

export interface ShieldData {
  /** Sorted. */
  readonly package: Float64Array<ArrayBuffer>;
  /** For each of those, which of the names; 0 is nobody's. */
  readonly owners: Uint16Array<ArrayBuffer>;
  readonly names: readonly string[];
  readonly always: Float64Array<ArrayBuffer>;
  /** Everything in these is Cordon's own. */
  readonly folders: readonly string[];
  readonly problems: readonly string[];
}

/** A line of the channel between our processes holds so many. */
const mostPaths = 500_000;
const mostOwnFiles = 20_000;
const nobody = 0;

export interface ShieldPlaces {
  /** `/`, or a tree that stands for it in a test. */
  readonly root: string;
  /** The state folder of the agent. */
  readonly state: string;
}

export class Shield {
  readonly #data: ShieldData;

  constructor(data: ShieldData) {
    this.#data = data;
  }

  /** `path` as the kernel has it: no symbolic link on the way. */
  kindOf(path: Buffer): 'always' | 'package' | undefined {
    const text = path.toString('latin1');
    if (this.#data.folders.some((folder) => text.startsWith(`${folder}/`))) return 'always';
    const key = keyOf(path);
    if (indexOf(this.#data.always, key) !== undefined) return 'always';
    return indexOf(this.#data.package, key) === undefined ? undefined : 'package';
  }

  /** `dpkg:coreutils`; null when no package owns it. */
  packageOf(path: Buffer): string | null {
    const index = indexOf(this.#data.package, keyOf(path));
    const owner = index === undefined ? nobody : (this.#data.owners[index] ?? nobody);
    return owner === nobody ? null : (this.#data.names[owner] ?? null);
  }

  /** As `watch` is told: see pipe/parts.ts. */
  get packed(): { package: string; always: string } {
    return { package: base64Of(this.#data.package), always: base64Of(this.#data.always) };
  }
}

/** Reads the package databases: a second of work for a large system, so not for a thread that others wait for. */
export function buildShield({ root, state }: ShieldPlaces): ShieldData {
  const problems: string[] = [];
  const canonical = new Canonical(root);
  const owners = new Map<number, number>();
  const names = new Map<string, number>();
  const addAll = (files: Iterable<OwnedFile>): void => {
    for (const { path, owner } of files)
      if (owners.size < mostPaths) owners.set(keyOf(canonical.of(path)), numberOf(names, owner));
  };
  attempt(problems, 'The list of dpkg', () => addAll(dpkgFiles(join(root, 'var/lib/dpkg'))));
  const rpm = rpmDatabase(root);
  if (rpm !== undefined) attempt(problems, 'The database of rpm', () => addAll(rpmFiles(rpm)));
  const unsupported = unsupportedRpm(root);
  if (unsupported !== undefined) problems.push(unsupported);
  if (owners.size >= mostPaths)
    problems.push(`More than ${mostPaths} files are of packages; the others are not shielded.`);
  for (const shell of shells(root)) {
    const key = keyOf(canonical.whole(shell));
    if (!owners.has(key)) owners.set(key, nobody);
  }
  const keys = Float64Array.from(owners.keys()).sort();
  const folders = ownFolders(state);
  const always = [
    ...loaders(root).map((path) => canonical.whole(path)),
    ...ownPrograms().map(bytesOf),
    ...folders.flatMap(filesBelow),
  ];
  return {
    package: keys,
    owners: Uint16Array.from(keys, (key) => owners.get(key) ?? nobody),
    names: ['', ...names.keys()].map((name) => name.slice(0, 255)),
    always: Float64Array.from(new Set(always.map(keyOf))).sort(),
    folders: folders.map((folder) => Buffer.from(folder).toString('latin1')),
    problems,
  };
}

/** What changes when packages or shells do. */
export function shieldVersion({ root }: ShieldPlaces): string {
  const rpm = rpmDatabase(root);
  const paths = ['var/lib/dpkg/info', 'var/lib/dpkg/diversions', 'etc/shells'].map((path) => join(root, path));
  return [...paths, ...(rpm === undefined ? [] : [rpm, `${rpm}-wal`])]
    .map((path) => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .join(' ');
}

/** Packages name files by ways that may lead through symbolic links: /bin/ls is /usr/bin/ls. */
class Canonical {
  readonly #root: string;
  readonly #folders = new Map<string, Buffer>();

  constructor(root: string) {
    this.#root = root === '/' ? '' : root;
  }

  /** Its folder is made real; the file itself may be a link, and then is not the one that is shielded. */
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
      return bytes; // Not there: then nothing is to be shielded there either.
    }
  }
}

function filesBelow(folder: string): Buffer[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .slice(0, mostOwnFiles)
    .map(({ parentPath, name }) => Buffer.from(join(parentPath, name)));
}

function numberOf(names: Map<string, number>, name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  // 0 is nobody's; a host with more packages than fit has the others' files shielded all the same.
  const number = names.size + 1 > 65_535 ? nobody : names.size + 1;
  if (number !== nobody) names.set(name, number);
  return number;
}

function keyOf(path: Buffer): number {
  return hash('sha256', path, 'buffer').readUIntBE(0, 6);
}

function indexOf(sorted: Float64Array, key: number): number | undefined {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle] ?? 0;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function base64Of(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path);
}

function attempt(problems: string[], what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    problems.push(`${what} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
