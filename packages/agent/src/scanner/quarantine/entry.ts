/** What the quarantine writes down beside each copy: everything that is needed to put the file back as it was. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { Detection, ObjectName } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

const Whole = Type.String({ pattern: '^-?[0-9]{1,20}$' });
const Bytes = Type.String();
const Flags = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);
/** Device and inode: what a file is, whatever its name. */
const Inode = Type.Object({ device: Whole, inode: Whole });
export type Inode = Static<typeof Inode>;

export const Entry = Type.Object({
  version: Type.Literal(1),
  id: Type.String({ pattern: '^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$' }),
  /** `taking` and `restoring` are finished, or taken back, at the next start. */
  state: Type.Union([Type.Literal('taking'), Type.Literal('held'), Type.Literal('restoring')]),
  object: ObjectName,
  detectedBy: Detection.properties.detectedBy,
  takenAt: Type.Integer({ minimum: 0 }),
  /** Base64 of its bytes. */
  path: Bytes,
  sha1: Type.String({ pattern: '^[0-9A-F]{40}$' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
  was: Inode,
  mode: Type.Integer({ minimum: 0, maximum: 0o7777 }),
  uid: Type.Integer({ minimum: 0 }),
  gid: Type.Integer({ minimum: 0 }),
  /** Nanoseconds since 1970. */
  accessed: Whole,
  modified: Whole,
  links: Type.Integer({ minimum: 1 }),
  flags: Flags,
  /** Of the folder it is in. */
  folderFlags: Flags,
  attributes: Type.Array(Type.Object({ name: Bytes, value: Bytes })),
  /** The file that is about to be put back. */
  restored: Type.Optional(Inode),
});
export type Entry = Static<typeof Entry>;

const shape = Compile(Entry);
/** 64 KiB of names and a few attributes at their longest. */
const longest = 8_000_000;

/** Undefined for what is no whole entry. */
export function entryIn(path: string): Entry | undefined {
  let value: unknown;
  try {
    const text = readFileSync(path);
    if (text.length > longest) return undefined;
    value = JSON.parse(text.toString('utf8'));
  } catch {
    return undefined; // Gone, or half of one: the quarantine says so where it matters.
  }
  return shape.Check(value) ? value : undefined;
}

export function inodeOf({ dev, ino }: BigIntStats): Inode {
  return { device: String(dev), inode: String(ino) };
}

export function isSameInode(stats: BigIntStats | undefined, { device, inode }: Inode): boolean {
  return stats !== undefined && String(stats.dev) === device && String(stats.ino) === inode;
}

/** Runs `act` with a descriptor, and closes it whatever happens. */
export function withDescriptor<T>(file: number, act: (file: number) => T): T {
  try {
    return act(file);
  } finally {
    closeSync(file);
  }
}

export function statsOf(file: number): BigIntStats {
  return fstatSync(file, { bigint: true });
}
