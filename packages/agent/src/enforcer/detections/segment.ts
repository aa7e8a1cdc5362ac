/**
 * One file of the spool: detections as JSON lines, named by the sequence of the first.
 *
 * Only ever appended to. A line counts once its line break is there, so the rest of a line that a kill or a power cut
 * left is no detection.
 */
import { closeSync, fsync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeIfThere } from '../../fs/durable.ts';
import { fits } from '@cordon/protocol/shape';
import { lineShape } from './segment.shape.ts';
import type { Line } from './segment.shape.ts';

export type { Line } from './segment.shape.ts';

export type Source = NonNullable<Line['from']>;

const namePattern = /^\d{16}\.jsonl$/;
const synchronise = promisify(fsync);

export interface Read {
  readonly lines: readonly Line[];
  /** Something is there that is no line: half a line at the end, or worse. */
  readonly damaged: boolean;
  /** Up to the end of the last complete line. */
  readonly bytes: number;
}

export function isSegment(name: string): boolean {
  return namePattern.test(name);
}

export function firstOf(name: string): number {
  return Number.parseInt(name, 10);
}

export function readSegment(folder: string, first: number): Read {
  const content = readFileSync(join(folder, nameOf(first)));
  const end = content.lastIndexOf(10) + 1;
  const texts = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  // Numbered without a gap: a line with any other number is no longer one of ours.
  const lines = texts.map(lineOf).filter((line, index) => line?.detection.sequence === first + index);
  return {
    lines: lines.filter((line) => line !== undefined),
    damaged: end < content.length || lines.length < texts.length,
    bytes: end,
  };
}

export function removeSegment(folder: string, first: number): void {
  removeIfThere(join(folder, nameOf(first)));
}

/** The one that is appended to. */
export class OpenSegment {
  readonly first: number;
  readonly #file: number;
  #bytes = 0;
  #closed = false;
  #flushes = 0;

  constructor(folder: string, first: number, bytes = 0) {
    this.first = first;
    this.#file = openSync(join(folder, nameOf(first)), 'a', 0o600);
    this.#bytes = bytes;
    // The rest of an unfinished line must not become the beginning of the next one.
    ftruncateSync(this.#file, bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All or nothing, even on a full disk. */
  append(line: Line): void {
    const content = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      const written = writeSync(this.#file, content);
      if (written < content.length) throw new Error(`Only ${written} of ${content.length} bytes could be written.`);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw error;
    }
    this.#bytes += content.length;
  }

  /** In another thread: a slow disk blocks nothing here. */
  async flush(): Promise<void> {
    this.#flushes += 1;
    try {
      await synchronise(this.#file);
    } finally {
      this.#flushes -= 1;
      if (this.#closed && this.#flushes === 0) closeSync(this.#file);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#flushes === 0) closeSync(this.#file);
  }
}

export function nameOf(first: number): string {
  return `${String(first).padStart(16, '0')}.jsonl`;
}

function lineOf(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return fits(lineShape, value) ? value : undefined;
  } catch {
    return undefined; // The caller reports the damage.
  }
}
