/**
 * The hashes of files that were read before, in memory that all threads share.
 *
 * A hash counts as long as size, mtime and ctime are what they were. It is the hash that is kept, not what came of it:
 * a changed list needs nothing read again. Bounded (2.2 MB); what is new takes the place of what is old.
 */
import type { Stats } from 'node:fs';

/** What names a file, and the content it had. */
export type Content = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

const ways = 4;
const sets = 8192;
const digestBytes = 20;
const field = { device: 0, inode: 1, size: 2, modified: 3, changed: 4, count: 5 } as const;
/** On kernels before 6.13 two changes within one clock tick (10 ms at most) leave the same time behind. */
const settledAfter = 50;
const free = 0;
const taken = 1;

export interface VerdictMemory {
  readonly keys: SharedArrayBuffer;
  readonly digests: SharedArrayBuffer;
  /** Two words for each set: its lock, and which way is replaced next. */
  readonly sets: SharedArrayBuffer;
}

export function newVerdicts(): VerdictMemory {
  return {
    keys: new SharedArrayBuffer(sets * ways * field.count * 8),
    digests: new SharedArrayBuffer(sets * ways * digestBytes),
    sets: new SharedArrayBuffer(sets * 2 * 4),
  };
}

/**
 * Whether times that are equal later mean content that is equal later: not if it changed just now, and not if the
 * clock was set back since.
 */
export function isSettled({ mtimeMs, ctimeMs }: Content, now: number): boolean {
  return now - mtimeMs > settledAfter && now - ctimeMs > settledAfter;
}

export class Verdicts {
  readonly #keys: Float64Array;
  readonly #digests: Uint8Array;
  readonly #sets: Int32Array;

  constructor(memory: VerdictMemory) {
    this.#keys = new Float64Array(memory.keys);
    this.#digests = new Uint8Array(memory.digests);
    this.#sets = new Int32Array(memory.sets);
  }

  /** Copies the hash of this very content into `into`; false when it is not known. */
  get(stats: Content, into: Uint8Array): boolean {
    return this.#locked(stats, false, (set) => {
      const entry = this.#entry(set, stats);
      if (entry === undefined || !this.#isSame(entry, stats)) return false;
      into.set(this.#digests.subarray(entry * digestBytes, (entry + 1) * digestBytes));
      return true;
    });
  }

  put(stats: Content, digest: Uint8Array): void {
    // Two files must not look like one because a double cannot tell their numbers apart.
    if (!Number.isSafeInteger(stats.ino)) return;
    this.#locked(stats, undefined, (set) => {
      const entry = this.#entry(set, stats) ?? this.#oldest(set);
      const { device, inode, size, modified, changed, count } = field;
      this.#keys[entry * count + device] = stats.dev;
      this.#keys[entry * count + inode] = stats.ino;
      this.#keys[entry * count + size] = stats.size;
      this.#keys[entry * count + modified] = stats.mtimeMs;
      this.#keys[entry * count + changed] = stats.ctimeMs;
      this.#digests.set(digest, entry * digestBytes);
    });
  }

  forget(stats: Content): void {
    this.#locked(stats, undefined, (set) => {
      const entry = this.#entry(set, stats);
      if (entry !== undefined) this.#keys.fill(0, entry * field.count, (entry + 1) * field.count);
    });
  }

  /** Never waits: a set that another thread is in is one that holds nothing for us. */
  #locked<T>(stats: Content, otherwise: T, work: (set: number) => T): T {
    const set = (Math.imul(stats.ino % 2 ** 32, 0x9e3779b1) ^ Math.imul(stats.dev, 0x85ebca6b)) >>> 19;
    if (Atomics.compareExchange(this.#sets, set * 2, free, taken) !== free) return otherwise;
    try {
      return work(set);
    } finally {
      Atomics.store(this.#sets, set * 2, free);
    }
  }

  #entry(set: number, stats: Content): number | undefined {
    for (let entry = set * ways; entry < (set + 1) * ways; entry += 1) {
      const key = entry * field.count;
      // No file has inode 0, so what is free is never found.
      if (this.#keys[key + field.inode] === stats.ino && this.#keys[key + field.device] === stats.dev) return entry;
    }
    return undefined;
  }

  #isSame(entry: number, stats: Content): boolean {
    const key = entry * field.count;
    return (
      this.#keys[key + field.size] === stats.size &&
      this.#keys[key + field.modified] === stats.mtimeMs &&
      this.#keys[key + field.changed] === stats.ctimeMs
    );
  }

  #oldest(set: number): number {
    const next = this.#sets[set * 2 + 1] ?? 0;
    this.#sets[set * 2 + 1] = (next + 1) % ways;
    return set * ways + next;
  }
}
