/** The digests of files that sweeps have read: packed, shared by threads, and found without garbage. */
import { crc32 } from 'node:zlib';
import { hasExactInode, isSettled, settledAfterMs } from '../../fs/file-version.ts';
import type { FileVersion } from '../../fs/file-version.ts';

/** Device, inode, size, modified, changed (doubles), SHA-1, CRC-32 of all that. */
export const recordBytes = 64;
const numbersInRecord = recordBytes / 8;
const digestAt = 40;
const checkAt = 60;
/** As many as files in a batch; more are possible, and slower. */
const maxAtOnce = 200;

/** What one thread has learned, until it reports it. */
export class NewRecords {
  #bytes = Buffer.alloc(maxAtOnce * recordBytes);
  #count = 0;

  /** Leaves out a file that changed too recently; `at` is when its reading began. */
  add(stats: FileVersion, digest: Uint8Array, at: number): void {
    if (!isSettled(stats, at, settledAfterMs.sweep) || !hasExactInode(stats)) return;
    if (this.#count * recordBytes === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    const start = this.#count * recordBytes;
    const record = this.#bytes.subarray(start, start + recordBytes);
    const numbers = new Float64Array(record.buffer, record.byteOffset, digestAt / 8);
    numbers[0] = stats.dev;
    numbers[1] = stats.ino;
    numbers[2] = stats.size;
    numbers[3] = stats.mtimeMs;
    numbers[4] = stats.ctimeMs;
    record.set(digest, digestAt);
    record.writeUInt32LE(crc32(record.subarray(0, checkAt)), checkAt);
    this.#count += 1;
  }

  /** Returns all of them, one after the other, and starts again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = Uint8Array.from(this.#bytes.subarray(0, this.#count * recordBytes));
    this.#count = 0;
    return taken;
  }
}

export class DigestRecords {
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  /** The slots that a sweep has seen. */
  readonly #seen: Uint8Array;
  readonly #mask: number;
  /** A copy of the one that was found, with two views of it. */
  readonly #found = Buffer.alloc(recordBytes);
  readonly #checked = this.#found.subarray(0, checkAt);
  readonly #digest = this.#found.subarray(digestAt, checkAt);

  /** Memory that `packRecords` made. */
  constructor(memory: SharedArrayBuffer) {
    const slots = memory.byteLength / (recordBytes + 1);
    this.#numbers = new Float64Array(memory, 0, slots * numbersInRecord);
    this.#bytes = new Uint8Array(memory, 0, slots * recordBytes);
    this.#seen = new Uint8Array(memory, slots * recordBytes, slots);
    this.#mask = slots - 1;
  }

  /** Undefined unless it is the same file, unchanged, and the record is whole. Valid until the next call. */
  find(stats: FileVersion): Uint8Array | undefined {
    const slot = this.#slot(stats.dev, stats.ino);
    const at = slot * numbersInRecord;
    if (this.#numbers[at + 2] !== stats.size) return undefined;
    if (this.#numbers[at + 3] !== stats.mtimeMs || this.#numbers[at + 4] !== stats.ctimeMs) return undefined;
    this.#found.set(this.#record(slot));
    if (this.#found.readUInt32LE(checkAt) !== crc32(this.#checked)) return undefined;
    this.#seen[slot] = 1;
    return this.#digest;
  }

  /** Replaces an earlier one of the same file; true when there was none. */
  put(record: Buffer): boolean {
    const [device, inode] = [record.readDoubleLE(0), record.readDoubleLE(8)];
    if (!(inode > 0)) return false;
    const slot = this.#slot(device, inode);
    const isNew = this.#isFree(slot);
    this.#bytes.set(record, slot * recordBytes);
    return isNew;
  }

  *all(): Generator<Uint8Array> {
    for (let slot = 0; slot <= this.#mask; slot += 1) if (!this.#isFree(slot)) yield this.#record(slot);
  }

  /** Those that a sweep has seen since. */
  *seen(): Generator<Uint8Array> {
    for (let slot = 0; slot <= this.#mask; slot += 1) if (this.#seen[slot] === 1) yield this.#record(slot);
  }

  #record(slot: number): Uint8Array {
    return this.#bytes.subarray(slot * recordBytes, (slot + 1) * recordBytes);
  }

  /** No file has inode 0. */
  #isFree(slot: number): boolean {
    return this.#numbers[slot * numbersInRecord + 1] === 0;
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
  const table = new DigestRecords(memory);
  let count = 0;
  for (let at = 0; at < records; at += 1) {
    if (table.put(file.subarray(at * recordBytes, (at + 1) * recordBytes))) count += 1;
  }
  return { memory, count };
}
