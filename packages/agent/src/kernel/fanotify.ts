/**
 * fanotify(7): is asked by the kernel before a file is opened or executed, and hears of files that were written.
 *
 * Only what Node cannot do goes through koffi: the group, its marks, and leases. Events are read and answers written
 * by `node:fs` on the plain descriptors.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { loadLibrary } from './library.ts';
import type { Library } from './library.ts';

/** The descriptor of one fanotify group. */
export type Group = number;

/** Negative results are negated errno values, as the kernel itself gives them. */
export interface FanotifyCalls {
  /** A group that is asked before the content is, with descriptors opened for reading. */
  open(): Group;
  /** Asks about every opening on the whole filesystem of this file, through whatever mount and namespace. */
  watch(group: Group, file: number): number;
  /** No longer asks about openings of this file for reading, until it is written to or the kernel needs the memory. */
  ignore(group: Group, file: number): number;
  askAgain(group: Group, file: number): number;
  /** Forgets what `ignore` was told. */
  askAgainAll(group: Group): number;
  /** Asks about nothing any more. */
  unwatchAll(group: Group): number;
  /** 0 when nobody has this file open, or mapped, for writing at this moment. */
  hasNoWriter(file: number): number;
  /** Ends this process at once, without waiting for threads that wait in the kernel. */
  endNow(code: number): void;
}

export const eventBytes = 24;
export const answerBytes = 8;
export const allow = 1;
export const deny = 2;

const version = 3;
const at = { length: 0, version: 4, mask: 8, file: 16, pid: 20 } as const;
const mask = { closeWrite: 0x8, open: 0x10000, execute: 0x40000 } as const;
/** FAN_CLASS_CONTENT, CLOEXEC, UNLIMITED_QUEUE, UNLIMITED_MARKS. */
const groupFlags = 0x4 | 0x1 | 0x10 | 0x20;
/** O_RDONLY, O_CLOEXEC, O_LARGEFILE (0 on 64-bit machines), and O_NOATIME: being looked at by us is no access. */
const fileFlags = 0x80000 | 0x40000;
const markFlag = { add: 0x1, remove: 0x2, ignored: 0x20, flush: 0x80, filesystem: 0x100, evictable: 0x200 } as const;
const here = -100;
const lease = { set: 1024, read: 0, none: 2 } as const;

export type Question = 'open' | 'execute' | 'written';

export interface FileEvent {
  readonly question: Question;
  readonly file: number;
  /** Of the process (never of a thread); 0 when it is in none of our PID namespaces. */
  readonly pid: number;
}

/** Undefined for what carries no file, or is of a version that this kernel should not speak. */
export function eventIn(bytes: Buffer): FileEvent | undefined {
  if (bytes.length < eventBytes || bytes[at.version] !== version) return undefined;
  const file = bytes.readInt32LE(at.file);
  const bits = bytes.readUInt32LE(at.mask);
  const question = (bits & mask.execute) !== 0 ? 'execute' : (bits & mask.open) !== 0 ? 'open' : 'written';
  return file < 0 ? undefined : { question, file, pid: bytes.readInt32LE(at.pid) };
}

/** Writes an answer into `bytes`: one buffer serves all answers of a thread. */
export function writeAnswer(bytes: Buffer, file: number, answer: number): Buffer {
  bytes.writeInt32LE(file, 0);
  bytes.writeUInt32LE(answer, 4);
  return bytes;
}

/** Opens a file or folder only as a name: nobody is asked about it, and nothing of it can be read. */
export function withName<T>(path: string, use: (file: number, stats: Stats) => T): T {
  const nameOnly = 0x200000;
  const file = openSync(path, nameOnly);
  try {
    return use(file, fstatSync(file));
  } finally {
    closeSync(file);
  }
}

export function fanotifyCalls(): FanotifyCalls | Error {
  const found = loadLibrary();
  return found instanceof Error ? found : bind(found);
}

function bind({ koffi, c }: Library): FanotifyCalls {
  const init: (flags: number, fileFlags: number) => number = c.func('int fanotify_init(unsigned int, unsigned int)');
  const markCall: (...call: [number, number, number, number, string | null]) => number = c.func(
    'int fanotify_mark(int, unsigned int, uint64_t, int, const char *)',
  );
  const fcntl: (fd: number, command: number, type: 'int', value: number) => number = c.func('int fcntl(int, int, ...)');
  const exit: (code: number) => void = c.func('void _exit(int)');
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result);
  const mark = (group: Group, flags: number, bits: number, file: number): number =>
    orErrno(markCall(group, flags, bits, file, null));
  return {
    open: () => orErrno(init(groupFlags, fileFlags)),
    watch: (group, file) => {
      const bits = mask.open | mask.execute | mask.closeWrite;
      // Named through /proc, because a descriptor that is only a name is not taken by itself.
      return orErrno(markCall(group, markFlag.add | markFlag.filesystem, bits, here, `/proc/self/fd/${file}`));
    },
    ignore: (group, file) => mark(group, markFlag.add | markFlag.ignored | markFlag.evictable, mask.open, file),
    askAgain: (group, file) => mark(group, markFlag.remove | markFlag.ignored, mask.open, file),
    askAgainAll: (group) => mark(group, markFlag.flush, 0, here),
    unwatchAll: (group) => {
      const flushed = mark(group, markFlag.flush | markFlag.filesystem, 0, here);
      const forgotten = mark(group, markFlag.flush, 0, here);
      return Math.min(flushed, forgotten);
    },
    hasNoWriter: (file) => {
      const taken = orErrno(fcntl(file, lease.set, 'int', lease.read));
      return taken < 0 ? taken : orErrno(fcntl(file, lease.set, 'int', lease.none));
    },
    endNow: (code) => exit(code),
  };
}
