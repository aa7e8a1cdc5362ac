/** The protected files as threads hold them, and whether a file is one of them. */
import type { Stats } from 'node:fs';
import { fileKey, indexOfKey, pathKey, statsAt } from '../../fs/file-keys.ts';

/** Sorted numbers of 48 bits, see ProtectedFiles in ipc/worker-messages.ts. */
export interface ProtectedFilesMemory {
  readonly package: SharedArrayBuffer;
  readonly always: SharedArrayBuffer;
}

export const nothingProtected: ProtectedFilesMemory = {
  package: new SharedArrayBuffer(0),
  always: new SharedArrayBuffer(0),
};

export function protectedFilesMemory(message: {
  readonly package: string;
  readonly always: string;
}): ProtectedFilesMemory {
  return { package: numbersOf(message.package), always: numbersOf(message.always) };
}

/** Decides by the file itself, and by a path that leads to this very file. No file is opened. */
export function isProtected(
  protectedFiles: ProtectedFilesMemory,
  path: Buffer,
  of: { stats: Stats; confirmed: boolean },
): boolean {
  const has = (key: number): boolean =>
    holds(protectedFiles.always, key) || (!of.confirmed && holds(protectedFiles.package, key));
  return has(fileKey(of.stats)) || (has(pathKey(path)) && leadsTo(path, of.stats));
}

function numbersOf(base64: string): SharedArrayBuffer {
  const bytes = Buffer.from(base64, 'base64');
  const memory = new SharedArrayBuffer(bytes.length - (bytes.length % 8));
  new Uint8Array(memory).set(bytes.subarray(0, memory.byteLength));
  return memory;
}

function holds(memory: SharedArrayBuffer, key: number): boolean {
  return indexOfKey(new Float64Array(memory), key) !== undefined;
}

function leadsTo(path: Buffer, { dev, ino }: Stats): boolean {
  const found = statsAt(path);
  return found !== undefined && found.dev === dev && found.ino === ino;
}
