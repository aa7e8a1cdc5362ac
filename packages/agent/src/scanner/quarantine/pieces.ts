/** Reads and writes whole pieces of a file by its descriptor, each at its place. */
import { readSync, writeSync } from 'node:fs';
import { pieceBytes } from './cipher.ts';

/** In pieces of the same bounds each time; ends early where the file has become shorter. */
export function* piecesOf(file: number, size: number): Generator<{ readonly piece: Buffer; readonly offset: number }> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  for (let offset = 0; offset < size; offset += pieceBytes) {
    const desired = Math.min(pieceBytes, size - offset);
    const length = readAll(file, buffer.subarray(0, desired), offset);
    if (length > 0) yield { piece: buffer.subarray(0, length), offset };
    if (length < desired) return;
  }
}

function readAll(file: number, into: Buffer, offset: number): number {
  let length = 0;
  while (length < into.length) {
    const read = readSync(file, into, length, into.length - length, offset + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

export function writeAll(file: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(file, bytes, written, bytes.length - written, offset + written);
}
