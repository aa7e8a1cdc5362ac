/** Examines one file after the other: by size, by a known digest, and only then by reading. */
import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { codeOf } from '../../message-of.ts';
import { isUnchanged } from '../../fs/file-version.ts';
import type { RuleIndex } from '../../matching/rule-index.ts';
import type { Pace } from './pace.ts';
import { NewRecords } from './digest-records.ts';
import type { DigestRecords } from './digest-records.ts';

/** A file with listed content, as it was when that was detected. */
export interface Hit {
  readonly path: Uint8Array;
  readonly sha1: string;
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface Examined {
  files: number;
  /** Those that were read, not only checked. */
  bytes: number;
  unreadable: number;
  readonly hits: Hit[];
  /** Records, one after the other. */
  learned: Uint8Array<ArrayBuffer>;
}

const readBytes = 262_144;
const digestBytes = 20;
/** A file that changes while it is read is read again this many times, a large one once. */
const attempts = { small: 3, large: 2 } as const;
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** Missing, or no longer a file, since its folder was read. */
const vanished = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ESRCH']);

export interface ReaderOptions {
  readonly rules: RuleIndex;
  readonly records: DigestRecords | undefined;
  readonly pace: Pace;
  readonly now: () => number;
}

export class Reader {
  readonly #options: ReaderOptions;
  readonly #buffer = Buffer.allocUnsafeSlow(readBytes);
  /** Of the current file: one for all, because a new one costs a fifth of a small file's examination. */
  readonly #sha1 = Buffer.alloc(digestBytes);
  readonly #learned = new NewRecords();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Only files on that device: nothing that was put in their place meanwhile. */
  look(paths: readonly Buffer[], device: number): Examined {
    const examined: Examined = { files: 0, bytes: 0, unreadable: 0, hits: [], learned: new Uint8Array() };
    for (const path of paths) {
      if (this.#options.pace.stopped) break;
      try {
        this.#one(path, device, examined);
      } catch (error) {
        const code = codeOf(error);
        if (code === undefined) throw error;
        if (!vanished.has(code)) examined.unreadable += 1;
      }
    }
    examined.learned = this.#learned.take();
    return examined;
  }

  #one(path: Buffer, device: number, examined: Examined): void {
    const { rules, records } = this.#options;
    const stats = lstatSync(path);
    if (!stats.isFile() || stats.dev !== device) return;
    examined.files += 1;
    // The empty file is everywhere, and harmless.
    if (stats.size === 0 || !rules.canHold(stats.size)) return;
    const known = records?.find(stats);
    if (known) return this.#match(path, stats, known, examined);
    const read = this.#read(path, device, examined);
    if (read === 'unreadable') examined.unreadable += 1;
    else if (read) this.#match(path, read.stats, read.digest, examined);
  }

  #match(path: Buffer, stats: Stats, digest: Uint8Array, { hits }: Examined): void {
    const rule = this.#options.rules.find(digest, this.#options.now());
    if (!rule) return;
    const { size, dev, ino, mtimeMs } = stats;
    // A copy: the path is a view into the memory of its whole batch.
    const own = Uint8Array.from(path);
    hits.push({
      path: own,
      sha1: rule.sha1,
      size,
      device: dev,
      inode: ino,
      modifiedAt: Math.max(0, Math.floor(mtimeMs)),
    });
  }

  /** Undefined for what is no longer a file of that device, or when the file ends early. */
  #read(path: Buffer, device: number, examined: Examined): { stats: Stats; digest: Buffer } | 'unreadable' | undefined {
    const file = open(path);
    try {
      let before = fstatSync(file);
      if (!before.isFile() || before.dev !== device) return undefined;
      const maxAttempts = before.size <= readBytes ? attempts.small : attempts.large;
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const at = this.#options.now();
        const digest = this.#digest(file, before.size, examined);
        if (!digest) return undefined;
        const after = fstatSync(file);
        if (isUnchanged(before, after)) {
          this.#learned.add(after, digest, at);
          return { stats: after, digest };
        }
        before = after;
      }
      return 'unreadable';
    } finally {
      closeSync(file);
    }
  }

  /** Undefined when the sweep was stopped. */
  #digest(file: number, size: number, examined: Examined): Buffer | undefined {
    const { pace } = this.#options;
    if (size <= readBytes) {
      pace.spend(size);
      const length = this.#fill(file, size, 0);
      examined.bytes += length;
      this.#sha1.write(hash('sha1', this.#buffer.subarray(0, length), 'binary'), 'latin1');
      return this.#sha1;
    }
    const sha1 = createHash('sha1');
    for (let offset = 0; offset < size; offset += readBytes) {
      if (pace.stopped) return undefined;
      const desired = Math.min(readBytes, size - offset);
      pace.spend(desired);
      const length = this.#fill(file, desired, offset);
      examined.bytes += length;
      sha1.update(this.#buffer.subarray(0, length));
      // It has become shorter: the size check afterwards notices.
      if (length < desired) break;
    }
    return sha1.digest();
  }

  #fill(file: number, desired: number, offset: number): number {
    let length = 0;
    while (length < desired) {
      const read = readSync(file, this.#buffer, length, desired - length, offset + length);
      if (read === 0) break;
      length += read;
    }
    return length;
  }
}

/** Leaves the access time unchanged where that is allowed: it is evidence. */
function open(path: Buffer): number {
  try {
    return openSync(path, flags | constants.O_NOATIME);
  } catch (error) {
    if (codeOf(error) === 'EPERM') return openSync(path, flags);
    throw error;
  }
}
