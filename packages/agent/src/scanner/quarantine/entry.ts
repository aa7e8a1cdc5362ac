/** What the quarantine writes down beside each copy: everything that is needed to put the file back as it was. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { fits } from '@cordon/protocol/shape';
import { entryShape } from './entry.shape.ts';
import type { Entry, Inode } from './entry.shape.ts';

export type { Entry, Inode } from './entry.shape.ts';

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
  return fits(entryShape, value) ? value : undefined;
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
