/** Looks for listed content in whole trees: a walk hands out batches, and threads read them. */
import { lstatSync, realpathSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { FileCalls } from '../../kernel/file-calls.ts';
import { messageOf } from '../../message-of.ts';
import type { DigestFile } from './digest-file.ts';
import { mountsNow, sweptMountsNow } from '../../fs/mounts.ts';
import { isWithin } from '../../fs/path.ts';
import { newPace, Pace } from './pace.ts';
import { Pool } from './pool.ts';
import type { Hit, Examined } from './reader.ts';
import { walk } from './walk.ts';
import type { Batch, WalkRoot } from './walk.ts';

/** Where a sweep is: a folder below a root, before which everything is finished, and the counts until then. */
export interface SweepPlace {
  /** Base64 of the bytes of both paths. */
  readonly root: string;
  readonly folder: string;
  readonly counts: SweepCounts;
}

export interface SweepCounts {
  readonly files: number;
  /** Bytes read: a file whose digest is remembered costs none. */
  readonly bytes: number;
  readonly unreadable: number;
}

export interface SweepOptions {
  /** Absolute paths, each swept within its own filesystem; null for every real filesystem. */
  readonly roots: readonly string[] | null;
  /** As `packRules` has made them. */
  readonly rules: SharedArrayBuffer;
  readonly digests: DigestFile | undefined;
  /** For priorities; without it the disk is not yielded. */
  readonly calls: FileCalls | undefined;
  /** 0 is no limit. */
  readonly megabytesPerSecond: number;
  /** Folders that are skipped: the quarantine. */
  readonly leaveOut: readonly string[];
  readonly signal: AbortSignal;
  readonly from: SweepPlace | undefined;
  /** Its batch counts as done when this settles. */
  readonly onHit: (hit: Hit) => Promise<void> | void;
  /** After each batch. */
  readonly onBatch?: (counts: SweepCounts) => void;
  /** Every two seconds: what to pass as `from` to continue from here. */
  readonly onCheckpoint?: (place: SweepPlace) => void;
}

export interface Swept extends SweepCounts {
  readonly cancelled: boolean;
  /** Roots that do not exist, or cannot be swept. */
  readonly problems: readonly string[];
}

const checkpointIntervalMs = 2000;
/** How long the walk may block this thread. */
const maxStrideMs = 20;
/** Batches whose matches are still being handled: the walk waits for them. */
const maxOpen = 64;

/** Runs to the end, or until the signal; rejects when a thread dies. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { roots, problems } = rootsFor(options.roots);
  const records = options.digests?.open();
  let complete = false;
  try {
    const run = new Run(options, roots, records);
    const counts = await run.finished();
    complete = !options.signal.aborted && options.roots === null && options.from === undefined;
    return { ...counts, cancelled: options.signal.aborted, problems };
  } finally {
    options.digests?.close({ complete });
  }
}

class Run {
  readonly #options: SweepOptions;
  readonly #roots: readonly WalkRoot[];
  readonly #pool: Pool;
  readonly #pace: Pace;
  readonly #batches: Iterator<Batch>;
  readonly #open = new Map<number, Batch>();
  readonly #ended = Promise.withResolvers<void>();
  #counts = { files: 0, bytes: 0, unreadable: 0 };
  #number = 0;
  #walked = false;
  #savedAt = Date.now();

  constructor(options: SweepOptions, roots: readonly WalkRoot[], records: SharedArrayBuffer | undefined) {
    const pace = newPace(options.megabytesPerSecond);
    this.#options = options;
    this.#roots = roots;
    this.#pace = new Pace(pace);
    this.#batches = this.#walk();
    this.#pool = new Pool({
      rules: options.rules,
      records,
      pace,
      calls: options.calls,
      examined: (number, examined) => void this.#examined(number, examined).catch(this.#ended.reject),
      failed: this.#ended.reject,
    });
  }

  async finished(): Promise<SweepCounts> {
    const stop = (): void => {
      this.#pace.stop();
      this.#ended.resolve();
    };
    if (this.#options.signal.aborted) stop();
    this.#options.signal.addEventListener('abort', stop, { once: true });
    try {
      this.#go();
      await this.#ended.promise;
      return this.#counts;
    } finally {
      this.#options.signal.removeEventListener('abort', stop);
      this.#pace.stop();
      await this.#pool.close();
    }
  }

  #walk(): Iterator<Batch> {
    const { from, leaveOut } = this.#options;
    const root = this.#roots.findIndex(({ path }) => path.toString('base64') === from?.root);
    const known = root >= 0 && from !== undefined;
    if (known) this.#counts = { ...from.counts };
    const inodes = new Set(leaveOut.flatMap((folder) => lookedUp(folder)).map(inodeKey));
    return walk({
      roots: this.#roots,
      mountPoints: new Set(mountsNow().map(({ path }) => path.toString('latin1'))),
      leftOut: (stats) => inodes.has(inodeKey(stats)),
      from: known ? { root, folder: Buffer.from(from.folder, 'base64') } : undefined,
      unreadable: () => (this.#counts.unreadable += 1),
    });
  }

  #go(): void {
    const until = performance.now() + maxStrideMs;
    while (!this.#walked && this.#pool.hasRoom && this.#open.size < maxOpen && !this.#options.signal.aborted) {
      if (performance.now() > until) return void setImmediate(() => this.#goSafely());
      const { value, done } = this.#batches.next();
      if (done === true) this.#walked = true;
      else if (value.paths.length > 0) this.#give(value);
    }
    if (this.#walked && this.#open.size === 0) this.#ended.resolve();
  }

  #goSafely(): void {
    try {
      this.#go();
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  #give(batch: Batch): void {
    this.#number += 1;
    this.#open.set(this.#number, batch);
    this.#pool.give(this.#number, batch);
  }

  async #examined(number: number, { files, bytes, unreadable, hits, learned }: Examined): Promise<void> {
    const { digests, onHit: found, onBatch: moved, signal } = this.#options;
    this.#counts.bytes += bytes;
    this.#counts.unreadable += unreadable;
    digests?.learn(learned);
    for (const hit of hits) if (!signal.aborted) await found(hit);
    if (signal.aborted) return;
    this.#counts.files += files;
    this.#open.delete(number);
    moved?.(this.#counts);
    this.#save();
    this.#go();
  }

  /** Open batches come again after a kill; the oldest is the first of the map. */
  #save(): void {
    const [oldest] = this.#open.values();
    const root = oldest && this.#roots[oldest.at.root];
    if (!root || Date.now() - this.#savedAt < checkpointIntervalMs) return;
    this.#savedAt = Date.now();
    const counts = { ...this.#counts };
    this.#options.onCheckpoint?.({
      root: root.path.toString('base64'),
      folder: oldest.at.folder.toString('base64'),
      counts,
    });
  }
}

function rootsFor(given: readonly string[] | null): { roots: WalkRoot[]; problems: string[] } {
  const problems: string[] = [];
  const mounts = sweptMountsNow();
  const paths = given === null ? mounts.map(({ path }) => path) : given.map((path) => Buffer.from(path));
  const roots = paths.flatMap((path) => {
    try {
      if (path[0] !== 0x2f) throw new Error('The path must begin with "/".');
      const real = realpathSync(path, { encoding: 'buffer' });
      const { dev } = lstatSync(real);
      const mount = mounts.findLast((one) => lookedUp(one.path).some((stats) => stats.dev === dev));
      return [{ path: real, device: dev, subvolumes: mount?.type === 'btrfs' }];
    } catch (error) {
      problems.push(`${path.toString()} cannot be swept: ${messageOf(error)}`);
      return [];
    }
  });
  return { roots: withoutTwins(roots), problems };
}

/** A root below another on the same filesystem is swept with it. */
function withoutTwins(roots: readonly WalkRoot[]): WalkRoot[] {
  return roots.filter(
    (one, index) =>
      !roots.some(
        (other, at) =>
          at !== index &&
          other.device === one.device &&
          isWithin(other.path, one.path) &&
          (at < index || !one.path.equals(other.path)),
      ),
  );
}

function lookedUp(path: string | Buffer): Stats[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats ? [stats] : [];
}

function inodeKey({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
