/** Writes files so that a power cut leaves the old text or the new one, never half of either. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../message-of.ts';

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Readable by its owner alone. The name of the temporary file is fixed: only one enforcer writes here. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.new`;
  writeAndSync(temporary, text);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

function writeAndSync(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    // A single write(2) on an almost full disk may take a part of it, without an error.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The text, or undefined when there is no such file. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The old text or the new one, whenever we are killed; after a power cut perhaps neither. */
export function writeQuickly(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The JSON in a file; undefined when there is no such file, or half of one. */
export function valueIn(path: string): unknown {
  try {
    const value: unknown = JSON.parse(readIfThere(path) ?? 'null');
    return value;
  } catch {
    return undefined; // The callers say what a missing file means.
  }
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Only if nothing else is in it. */
export function removeFolderIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    // A folder that the service manager has mounted for us is its own to remove.
    if (!['ENOENT', 'ENOTEMPTY', 'EBUSY', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
  }
}

/** A new or vanished name is durable only when its folder is. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Names, sorted; none when there is no such folder. */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
