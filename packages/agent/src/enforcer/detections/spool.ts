/**
 * Keeps detections on disk until the server has recorded them: numbered, appended to small files, and bounded.
 *
 * What `batch` returns is safely on disk, so no crash gives its sequence to another detection. Whole files are dropped,
 * oldest first, and the next detection says how many detections that was.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Detection } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { Match } from '../../ipc/worker-messages.ts';
import { withRemark } from '../../ipc/outbox.ts';
import { messageOf } from '../../message-of.ts';
import { makeFolder, syncFolder } from '../../fs/durable.ts';
import { firstThatFit, truncateDetection } from './truncate-detection.ts';
import { firstOf, isSegment, nameOf, OpenSegment, readSegment, removeSegment } from './segment.ts';
import type { Source } from './segment.ts';
import { isSeen, withSeen } from './dedupe.ts';
import type { DetectedByWorker } from './dedupe.ts';
import { readCeiling, readRecorded, writeCeiling, writeRecorded } from './spool-files.ts';

/** Only whole files are dropped, so at most two of them still hold recorded detections. */
const segmentBytes = 1 << 20;
/** A file of recorded detections larger than this is closed, so that a batch never reads much that is already known. */
const minClosedBytes = 64 << 10;
/** Sequences are reserved in advance, so that a crash never gives one to a second detection. */
const reservedSequences = 10_000;
const flushIntervalMs = 200;

export interface SpoolOptions {
  readonly folder: string;
  readonly log: Log;
  readonly bounds?: { readonly bytes: number; readonly segment: number };
  /** For each worker, its highest number on disk. */
  readonly kept: (worker: string, number: number) => void;
  /** There may be something new to send. */
  readonly grown: () => void;
}

interface Segment {
  readonly first: number;
  last: number;
  bytes: number;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #bounds: { readonly bytes: number; readonly segment: number };
  #segments: Segment[] = [];
  /** Full ones whose last lines are not on disk yet. */
  #unflushed: OpenSegment[] = [];
  /** Undefined while the disk refuses. */
  #open: OpenSegment | undefined;
  #next = 1;
  #ceiling = 1;
  #name = '';
  #recorded = 0;
  #durable = 0;
  #seen: DetectedByWorker = {};
  #lost = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #unacknowledged = new Map<string, number>();

  constructor(options: SpoolOptions) {
    const { bounds = { bytes: 64 << 20, segment: segmentBytes } } = options;
    this.#options = options;
    this.#bounds = bounds;
    // A disk that refuses must not keep the enforcer from starting; it is tried again with each detection.
    this.#attempt('spool not readable', () => this.#read());
  }

  /** The name of this very spool; empty while the disk refuses to keep one. */
  get name(): string {
    return this.#name;
  }

  /** Everything up to here is recorded by the server. */
  get recordedUpTo(): number {
    return this.#recorded;
  }

  /** Detections that no server has recorded. */
  get length(): number {
    return this.#segments.reduce(
      (sum, { first, last }) => sum + Math.max(0, last - Math.max(first - 1, this.#recorded)),
      0,
    );
  }

  has(from: Source): boolean {
    return isSeen(this.#seen, from);
  }

  /** Kept from now on, unless the disk refuses; that is counted, and reported with the next one. */
  add(match: Match, from?: Source): void {
    try {
      this.#append(match, from);
    } catch (error) {
      this.#lost += 1;
      this.#options.log('detection lost', { message: messageOf(error) });
    }
    this.#schedule();
  }

  /** The oldest that are on disk and not recorded. */
  batch(): Detection[] {
    for (const { first, last } of this.#segments) {
      if (last <= this.#recorded) continue;
      const lines = this.#attempt('spool not readable', () => readSegment(this.#options.folder, first).lines);
      const waiting = (lines ?? [])
        .map(({ detection }) => detection)
        .filter(({ sequence }) => sequence > this.#recorded && sequence <= this.#durable);
      if (waiting.length > 0) return firstThatFit(waiting);
    }
    return [];
  }

  /** The server has recorded everything up to `sequence`. */
  recorded(sequence: number): void {
    const upTo = Math.min(sequence, this.#durable);
    if (upTo <= this.#recorded) return;
    this.#recorded = upTo;
    this.#leaveIfKnown();
    while (this.#segments.length > 1 && (this.#segments[0]?.last ?? 0) <= upTo) this.#removeOldest();
    this.#save();
  }

  /** Starts a new file when all of a large one is recorded. */
  #leaveIfKnown(): void {
    const open = this.#open;
    if (!open || this.#recorded < this.#next - 1 || open.bytes <= minClosedBytes) return;
    this.#attempt('spool not saved', () => (this.#open = this.#turnPage(open)));
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
      if (this.#next - 1 > this.#durable) this.#schedule();
    });
    return this.#flushing;
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.flush();
    clearTimeout(this.#timer);
    this.#open?.close();
    this.#open = undefined;
  }

  #read(): void {
    const { folder } = this.#options;
    makeFolder(folder);
    const { recorded, seen } = readRecorded(folder);
    this.#seen = seen;
    this.#recorded = recorded;
    ({ ceiling: this.#ceiling, spool: this.#name } = readCeiling(folder));
    const firsts = readdirSync(folder).filter(isSegment).map(firstOf).sort(ascending);
    this.#segments = firsts.map((first, index) => ({
      first,
      last: (firsts[index + 1] ?? first) - 1,
      bytes: statSync(join(folder, nameOf(first))).size,
    }));
    this.#next = Math.max(recorded + 1, this.#ceiling);
    const newest = this.#segments.at(-1);
    const goingOn = newest && this.#goOn(newest);
    this.#durable = this.#next - 1;
    this.#open = goingOn ?? this.#begin();
  }

  #append(match: Match, from: Source | undefined): void {
    if (!this.#open) this.#read();
    if (this.#next >= this.#ceiling) {
      this.#ceiling = this.#next + reservedSequences;
      writeCeiling(this.#options.folder, { spool: this.#name, ceiling: this.#ceiling });
    }
    const open = this.#makeRoom();
    const message = this.#lost === 0 ? null : `${this.#lost} earlier detections were dropped at the endpoint.`;
    const detection = truncateDetection({ ...withRemark(match, message), sequence: this.#next });
    open.append(from ? { detection, from } : { detection });
    const newest = this.#segments.at(-1);
    if (newest) Object.assign(newest, { last: this.#next, bytes: open.bytes });
    this.#next += 1;
    this.#lost = 0;
    this.#seen = withSeen(this.#seen, from);
    if (from) this.#unacknowledged.set(from.worker, from.number);
  }

  #makeRoom(): OpenSegment {
    let open = this.#open ?? this.#begin();
    if (open.bytes >= this.#bounds.segment) open = this.#turnPage(open);
    this.#open = open;
    while (this.#segments.length > 1 && this.#bytes > this.#bounds.bytes) {
      const oldest = this.#segments[0];
      if (oldest) this.#lost += Math.max(0, oldest.last - Math.max(oldest.first - 1, this.#recorded));
      this.#removeOldest();
      this.#options.log('spool full', { dropped: this.#lost });
    }
    return open;
  }

  get #bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #removeOldest(): void {
    const oldest = this.#segments.shift();
    if (oldest) removeSegment(this.#options.folder, oldest.first);
  }

  /** The newest file of the previous process, if it is intact. */
  #goOn(newest: Segment): OpenSegment | undefined {
    const { folder, log } = this.#options;
    const { lines, damaged, bytes } = readSegment(folder, newest.first);
    for (const { from } of lines) this.#seen = withSeen(this.#seen, from);
    newest.last = lines.at(-1)?.detection.sequence ?? newest.first - 1;
    // Skips ahead then: nobody knows what was in the missing lines, or whether they were reported.
    if (damaged) log('spool damaged', { message: `The last lines of ${nameOf(newest.first)} are gone.` });
    if (damaged) this.#next = Math.max(this.#next, newest.last + reservedSequences);
    if (damaged || newest.last < this.#recorded) return undefined;
    this.#next = newest.last + 1;
    return new OpenSegment(folder, newest.first, bytes);
  }

  #turnPage(full: OpenSegment): OpenSegment {
    const begun = this.#begin();
    this.#unflushed.push(full);
    return begun;
  }

  #begin(): OpenSegment {
    const { folder } = this.#options;
    const made = new OpenSegment(folder, this.#next);
    syncFolder(folder);
    this.#segments.push({ first: this.#next, last: this.#next - 1, bytes: 0 });
    this.#save();
    return made;
  }

  #save(): void {
    const saved = { recorded: this.#recorded, seen: this.#seen };
    this.#attempt('spool not saved', () => writeRecorded(this.#options.folder, saved));
  }

  #attempt<T>(failure: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.log(failure, { message: messageOf(error) });
      return undefined;
    }
  }

  /** At once after a quiet time, and at most five times a second. */
  #schedule(): void {
    if (this.#timer || this.#flushing) return;
    const wait = Math.max(0, this.#flushedAt + flushIntervalMs - performance.now());
    this.#timer = setTimeout(() => void this.flush(), wait);
  }

  async #flushAll(): Promise<void> {
    const [full, open, upTo, unacknowledged] = [this.#unflushed, this.#open, this.#next - 1, this.#unacknowledged];
    this.#unflushed = [];
    this.#unacknowledged = new Map();
    try {
      await Promise.all([...full, ...(open ? [open] : [])].map(async (segment) => segment.flush()));
    } catch (error) {
      // As far as we know it is in the file. Withholding it from the server would help nobody.
      this.#options.log('spool not flushed', { message: messageOf(error) });
    }
    for (const segment of full) segment.close();
    this.#durable = upTo;
    this.#flushedAt = performance.now();
    for (const [worker, number] of unacknowledged) this.#options.kept(worker, number);
    this.#options.grown();
  }
}

function ascending(one: number, other: number): number {
  return one - other;
}
