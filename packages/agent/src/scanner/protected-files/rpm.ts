/**
 * The files of installed RPM packages, from the database in SQLite of rpm 4.16 and later: read, never executed.
 *
 * A package is one header: an index of tags, and a store they point into. All of it is bounded, for a damaged header
 * must not stop the reading of the others.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Problem } from '../../problem.ts';
import type { OwnedFile } from './dpkg.ts';

/** rpmtag.h */
const tag = { name: 1000, folderIndexes: 1116, baseNames: 1117, folderNames: 1118 } as const;
const type = { int32: 4, string: 6, stringArray: 8 } as const;
const indexBytes = 16;
const maxTags = 10_000;
const maxFiles = 500_000;
/** Where distributions keep it, newest location first. */
const folders = ['usr/lib/sysimage/rpm', 'var/lib/rpm'];

/** Undefined when there is none that we can read; then `unsupportedRpm` says whether there is another. */
export function rpmDatabase(root: string): string | undefined {
  return folders.map((folder) => join(root, folder, 'rpmdb.sqlite')).find((path) => existsSync(path));
}

/** When packages are kept in a way that we cannot read. */
export function unsupportedRpm(root: string): Problem {
  if (rpmDatabase(root) !== undefined) return undefined;
  const other = folders
    .flatMap((folder) => [join(root, folder, 'Packages.db'), join(root, folder, 'Packages')])
    .find((path) => existsSync(path));
  return other === undefined
    ? undefined
    : `The RPM database ${other} is of a kind (Berkeley DB or ndb) that Cordon does not read: files of its packages are not protected.`;
}

export function* rpmFiles(database: string): Generator<OwnedFile> {
  const open = new DatabaseSync(database, { readOnly: true });
  try {
    for (const { blob } of open.prepare('SELECT blob FROM Packages').iterate())
      if (blob instanceof Uint8Array) yield* filesOf(Buffer.from(blob.buffer, blob.byteOffset, blob.length));
  } finally {
    open.close();
  }
}

/** Of one header; none when it is damaged. */
export function* filesOf(header: Buffer): Generator<OwnedFile> {
  const tags = tagsIn(header);
  const [name] = tags?.strings(tag.name) ?? [];
  if (!tags || name === undefined) return;
  const folderNames = tags.strings(tag.folderNames);
  const indexes = tags.numbers(tag.folderIndexes);
  for (const [at, base] of tags.strings(tag.baseNames).entries()) {
    const folder = folderNames[indexes[at] ?? -1];
    if (folder !== undefined) yield { path: `${folder}${base}`, owner: `rpm:${name}` };
  }
}

interface Tags {
  readonly strings: (desired: number) => string[];
  readonly numbers: (desired: number) => number[];
}

/** Big-endian: number of tags, bytes of the store, the tags (number, type, offset, count), the store. */
function tagsIn(header: Buffer): Tags | undefined {
  if (header.length < 8) return undefined;
  const count = header.readUInt32BE(0);
  const start = 8 + count * indexBytes;
  if (count > maxTags || start > header.length) return undefined;
  const store = header.subarray(start, start + header.readUInt32BE(4));
  const at = new Map<number, { type: number; offset: number; count: number }>();
  for (let index = 8; index < start; index += indexBytes) {
    const [number, kind, offset, many] = [0, 4, 8, 12].map((word) => header.readUInt32BE(index + word));
    at.set(number ?? 0, { type: kind ?? 0, offset: offset ?? 0, count: Math.min(many ?? 0, maxFiles) });
  }
  return {
    strings: (desired) => {
      const found = at.get(desired);
      const isText = found?.type === type.string || found?.type === type.stringArray;
      return found && isText ? stringsAt(store, found.offset, found.count) : [];
    },
    numbers: (desired) => {
      const found = at.get(desired);
      return found?.type === type.int32 ? numbersAt(store, found.offset, found.count) : [];
    },
  };
}

function stringsAt(store: Buffer, offset: number, count: number): string[] {
  const found: string[] = [];
  for (let from = offset; found.length < count && from < store.length;) {
    const end = store.indexOf(0, from);
    if (end === -1) break;
    found.push(store.toString('latin1', from, end));
    from = end + 1;
  }
  return found;
}

function numbersAt(store: Buffer, offset: number, count: number): number[] {
  const whole = Math.min(count, Math.max(0, Math.floor((store.length - offset) / 4)));
  return Array.from({ length: whole }, (_none, index) => store.readUInt32BE(offset + index * 4));
}
