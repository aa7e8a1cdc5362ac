/**
 * What is remembered of files: their digest, valid as long as size and times are what they were. Packed, shared by
 * threads and looked up without garbage.
 */
import type { Stats } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Device, inode, size, modified, changed (doubles), SHA-1, CRC-32 of all that. */
export const recordBytes = 64;
const numbersInRecord = recordBytes / 8;
const digestAt = 40;
const checkAt = 60;
/**
 * A file changed so shortly before it was read may be changed again without a new time: it is not remembered (git
 * calls it racily clean).
 */
const unsettled = 2000;

/** Undefined for a file that is not to be remembered; `at` is when its reading began. */
export function recordOf(stats: Stats, digest: Uint8Array, at: number): Uint8Array | undefined {
  if (stats.ctimeMs > at - unsettled || !Number.isSafeInteger(stats.ino)) return undefined;
  const record = Buffer.alloc(recordBytes);
  for (const [index, value] of keyOf(stats).entries()) record.writeDoubleLE(value, index * 8);
  record.set(digest, digestAt);
  record.writeUInt32LE(crc32(record.subarray(0, checkAt)), checkAt);
  return record;
}

export class Records {
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  /** Which slots a sweep has met. */
  readonly #met: Uint8Array;
  readonly #mask: number;

  /** Memory as `packRecords` has made it. */
  constructor(memory: SharedArrayBuffer) {
    const slots = memory.byteLength / (recordBytes + 1);
    this.#numbers = new Float64Array(memory, 0, slots * numbersInRecord);
    this.#bytes = new Uint8Array(memory, 0, slots * recordBytes);
    this.#met = new Uint8Array(memory, slots * recordBytes, slots);
    this.#mask = slots - 1;
  }

  /** Undefined unless it is the same file, unchanged, and the record is whole. */
  find(stats: Stats): Uint8Array | undefined {
    const slot = this.#slot(stats.dev, stats.ino);
    const [, , size, modified, changed] = this.#key(slot);
    if (size !== stats.size || modified !== stats.mtimeMs || changed !== stats.ctimeMs) return undefined;
    const record = Buffer.from(this.#record(slot));
    if (record.readUInt32LE(checkAt) !== crc32(record.subarray(0, checkAt))) return undefined;
    this.#met[slot] = 1;
    return record.subarray(digestAt, checkAt);
  }

  /** A later one of the same file takes the place of an earlier; true when there was none. */
  put(record: Buffer): boolean {
    const [device, inode] = [record.readDoubleLE(0), record.readDoubleLE(8)];
    if (!(inode > 0)) return false;
    const slot = this.#slot(device, inode);
    const isNew = this.#numbers[slot * numbersInRecord + 1] === 0;
    this.#bytes.set(record, slot * recordBytes);
    return isNew;
  }

  *all(): Generator<Uint8Array> {
    for (let slot = 0; slot <= this.#mask; slot += 1) if (this.#key(slot)[1] !== 0) yield this.#record(slot);
  }

  /** Those that a sweep has met since. */
  *met(): Generator<Uint8Array> {
    for (let slot = 0; slot <= this.#mask; slot += 1) if (this.#met[slot] === 1) yield this.#record(slot);
  }

  #record(slot: number): Uint8Array {
    return this.#bytes.subarray(slot * recordBytes, (slot + 1) * recordBytes);
  }

  #key(slot: number): Float64Array {
    return this.#numbers.subarray(slot * numbersInRecord, slot * numbersInRecord + 5);
  }

  /** Where it is, or would be. */
  #slot(device: number, inode: number): number {
    let slot = (Math.imul((inode % 2 ** 32) ^ Math.imul(device, 0x85ebca6b), 0x9e3779b1) >>> 7) & this.#mask;
    for (;;) {
      const at = slot * numbersInRecord;
      const found = this.#numbers[at + 1];
      if (found === 0 || (found === inode && this.#numbers[at] === device)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }
}

/** At most two thirds full. */
export function packRecords(file: Buffer): { readonly memory: SharedArrayBuffer; readonly count: number } {
  const records = Math.floor(file.length / recordBytes);
  const slots = 2 ** Math.ceil(Math.log2(Math.max(16, records * 1.5)));
  const memory = new SharedArrayBuffer(slots * (recordBytes + 1));
  const table = new Records(memory);
  let count = 0;
  for (let at = 0; at < records; at += 1) {
    if (table.put(file.subarray(at * recordBytes, (at + 1) * recordBytes))) count += 1;
  }
  return { memory, count };
}

function keyOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): number[] {
  return [dev, ino, size, mtimeMs, ctimeMs];
}
