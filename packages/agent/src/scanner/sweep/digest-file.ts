/** The digests that sweeps have learned, on disk: records, to which new ones are appended. */
import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { isMissing } from '../../fs/durable.ts';
import { packRecords, recordBytes, DigestRecords } from './digest-records.ts';

/** 64 MB on disk, and up to 136 MB of memory while a sweep runs. */
const maxRecords = 1_000_000;
/** Not worth writing the whole file for fewer. */
const worthWriting = 10_000;

interface Opened {
  readonly memory: SharedArrayBuffer;
  readonly file: number;
  /** Files that were known when it was opened, and the bytes they took. */
  readonly known: number;
  readonly bytes: number;
  learned: number;
  users: number;
}

/** A sweep opens it and closes it afterwards: between sweeps it takes no memory. */
export class DigestFile {
  readonly #path: string;
  #opened: Opened | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The memory that threads share; undefined when nothing is remembered yet. */
  open(): SharedArrayBuffer | undefined {
    this.#opened ??= this.#load();
    this.#opened.users += 1;
    return this.#opened.known > 0 ? this.#opened.memory : undefined;
  }

  /** Not forced to the disk: what a power cut loses is learned again. */
  learn(records: Uint8Array): void {
    if (!this.#opened || records.length === 0) return;
    const room = Math.max(0, maxRecords - this.#opened.known - this.#opened.learned);
    const kept = records.subarray(0, room * recordBytes);
    if (kept.length > 0) writeSync(this.#opened.file, kept);
    this.#opened.learned += kept.length / recordBytes;
  }

  /** `complete`: this sweep has seen every file there is, so what it has not seen is gone. */
  close({ complete }: { readonly complete: boolean }): void {
    const opened = this.#opened;
    if (!opened) return;
    opened.users -= 1;
    if (opened.users > 0) return;
    this.#opened = undefined;
    closeSync(opened.file);
    if (complete) this.#forgetUnseen(opened);
  }

  #load(): Opened {
    const bytes = wholeRecords(this.#path);
    const { memory, count } = packRecords(bytes);
    // The same file again and again: only its newest record counts.
    const crowded = bytes.length / recordBytes - count > Math.max(worthWriting, count / 2);
    if (crowded) this.#write([...new DigestRecords(memory).all()]);
    const length = crowded ? count * recordBytes : bytes.length;
    const file = openSync(this.#path, 'a', 0o600);
    // Half a record, from when the power failed, would put all that is appended out of step.
    ftruncateSync(file, length);
    return { memory, file, known: count, bytes: length, learned: 0, users: 0 };
  }

  #forgetUnseen({ memory, known, bytes }: Opened): void {
    const seen = [...new DigestRecords(memory).seen()];
    if (known - seen.length <= Math.max(worthWriting, known / 4)) return;
    this.#write([...seen, wholeRecords(this.#path).subarray(bytes)]);
  }

  #write(records: readonly Uint8Array[]): void {
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, Buffer.concat(records));
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
  }
}

function wholeRecords(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    return bytes.subarray(0, bytes.length - (bytes.length % recordBytes));
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
}
