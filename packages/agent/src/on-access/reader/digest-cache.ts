/**
 * The digests of files that were read before, in memory that all threads of on-access share.
 *
 * Bounded (2.2 MB): a new one replaces an old one. `fs/file-version.ts` says how long a digest is valid.
 */
import { hasExactInode } from '../../fs/file-version.ts';
import type { FileVersion } from '../../fs/file-version.ts';

const ways = 4;
const sets = 8192;
const digestBytes = 20;
const field = { device: 0, inode: 1, size: 2, modified: 3, changed: 4, count: 5 } as const;
const free = 0;
const taken = 1;

export interface DigestMemory {
  readonly keys: SharedArrayBuffer;
  readonly digests: SharedArrayBuffer;
  /** Two words for each set: its lock, and which way is replaced next. */
  readonly sets: SharedArrayBuffer;
}

export function newDigestMemory(): DigestMemory {
  return {
    keys: new SharedArrayBuffer(sets * ways * field.count * 8),
    digests: new SharedArrayBuffer(sets * ways * digestBytes),
    sets: new SharedArrayBuffer(sets * 2 * 4),
  };
}

export class DigestCache {
  readonly #keys: Float64Array;
  readonly #digests: Uint8Array;
  readonly #sets: Int32Array;

  constructor(memory: DigestMemory) {
    this.#keys = new Float64Array(memory.keys);
    this.#digests = new Uint8Array(memory.digests);
    this.#sets = new Int32Array(memory.sets);
  }

  /** Copies the digest of this very content into `into`; false when it is not known. */
  get(stats: FileVersion, into: Uint8Array): boolean {
    return this.#locked(stats, false, (set) => {
      const entry = this.#entry(set, stats);
      if (entry === undefined || !this.#isSame(entry, stats)) return false;
      into.set(this.#digests.subarray(entry * digestBytes, (entry + 1) * digestBytes));
      return true;
    });
  }

  put(stats: FileVersion, digest: Uint8Array): void {
    if (!hasExactInode(stats)) return;
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

  forget(stats: FileVersion): void {
    this.#locked(stats, undefined, (set) => {
      const entry = this.#entry(set, stats);
      if (entry !== undefined) this.#keys.fill(0, entry * field.count, (entry + 1) * field.count);
    });
  }

  /** Never waits: a set that another thread uses counts as empty. */
  #locked<T>(stats: FileVersion, whenBusy: T, work: (set: number) => T): T {
    const set = (Math.imul(stats.ino % 2 ** 32, 0x9e3779b1) ^ Math.imul(stats.dev, 0x85ebca6b)) >>> 19;
    if (Atomics.compareExchange(this.#sets, set * 2, free, taken) !== free) return whenBusy;
    try {
      return work(set);
    } finally {
      Atomics.store(this.#sets, set * 2, free);
    }
  }

  #entry(set: number, stats: FileVersion): number | undefined {
    for (let entry = set * ways; entry < (set + 1) * ways; entry += 1) {
      const key = entry * field.count;
      // No file has inode 0, so a free entry is never found.
      if (this.#keys[key + field.inode] === stats.ino && this.#keys[key + field.device] === stats.dev) return entry;
    }
    return undefined;
  }

  #isSame(entry: number, stats: FileVersion): boolean {
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
