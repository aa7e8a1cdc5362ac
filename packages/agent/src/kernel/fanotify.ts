/**
 * fanotify(7): the kernel asks before a file is opened or executed, and reports files that were written.
 *
 * Only what Node cannot do goes through koffi: the group, its marks, and leases. Events are read and answers written
 * by `node:fs` on the plain descriptors.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { bindCall, bindCallOr } from './library.ts';

/** The descriptor of one fanotify group. */
export type Group = number;

/** Each throws a SystemCallError when the kernel refuses. */
export interface FanotifyCalls {
  /** A group that is asked before the content is read, with descriptors opened for reading. */
  open(): Group;
  /** Asks about every opening on the whole filesystem of this file, through any mount and namespace. */
  watch(group: Group, file: number): void;
  /** Stops asking about openings of this file for reading, until it is written to or the kernel needs the memory. */
  ignore(group: Group, file: number): void;
  /** Undoes `ignore` for this file, if it was ignored. */
  askAgain(group: Group, file: number): void;
  /** Undoes every `ignore`. */
  askAgainAll(group: Group): void;
  /** Stops asking about anything. */
  unwatchAll(group: Group): void;
  /** Whether nobody has this file open, or mapped, for writing right now. False where the kernel cannot say. */
  hasNoWriter(file: number): boolean;
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
/** O_RDONLY, O_CLOEXEC, O_LARGEFILE (0 on 64-bit machines), and O_NOATIME: our reading is no access. */
const fileFlags = 0x80000 | 0x40000;
const markFlag = { add: 0x1, remove: 0x2, ignored: 0x20, flush: 0x80, filesystem: 0x100, evictable: 0x200 } as const;
const here = -100;
const lease = { set: 1024, read: 0, none: 2 } as const;

export type EventKind = 'open' | 'execute' | 'written';

export interface FileEvent {
  readonly kind: EventKind;
  readonly file: number;
  /** Of the process (never of a thread); 0 when it is in none of our PID namespaces. */
  readonly pid: number;
}

/** Undefined for an event without a file, or of an unknown version. */
export function eventIn(bytes: Buffer): FileEvent | undefined {
  if (bytes.length < eventBytes || bytes[at.version] !== version) return undefined;
  const file = bytes.readInt32LE(at.file);
  const bits = bytes.readUInt32LE(at.mask);
  const kind = (bits & mask.execute) !== 0 ? 'execute' : (bits & mask.open) !== 0 ? 'open' : 'written';
  return file < 0 ? undefined : { kind, file, pid: bytes.readInt32LE(at.pid) };
}

/** Writes an answer into `bytes`: one buffer serves all answers of a thread. */
export function writeAnswer(bytes: Buffer, file: number, answer: number): Buffer {
  bytes.writeInt32LE(file, 0);
  bytes.writeUInt32LE(answer, 4);
  return bytes;
}

/** Opens a file or folder as a name only: the kernel asks nobody, and its content cannot be read. */
export function withName<T>(path: string | Buffer, use: (file: number, stats: Stats) => T): T {
  const nameOnly = 0x200000;
  const file = openSync(path, nameOnly);
  try {
    return use(file, fstatSync(file));
  } finally {
    closeSync(file);
  }
}

/** Throws the reason when this machine has none. */
export function fanotifyCalls(): FanotifyCalls {
  const init = bindCall<[flags: number, fileFlags: number]>('int fanotify_init(unsigned int, unsigned int)');
  const mark = bindCallOr<[Group, flags: number, bits: number, file: number, path: string | null], 'ENOENT'>(
    'int fanotify_mark(int, unsigned int, uint64_t, int, const char *)',
    ['ENOENT'],
  );
  const setMark: (...call: Parameters<typeof mark>) => void = bindCall(
    'int fanotify_mark(int, unsigned int, uint64_t, int, const char *)',
  );
  const fcntl = bindCallOr<[fd: number, command: number, type: 'int', value: number], 'EAGAIN' | 'EINVAL' | 'EACCES'>(
    'int fcntl(int, int, ...)',
    ['EAGAIN', 'EINVAL', 'EACCES'],
  );
  const exit = bindCall<[code: number]>('void _exit(int)');
  return {
    open: () => init(groupFlags, fileFlags),
    watch: (group, file) => {
      const bits = mask.open | mask.execute | mask.closeWrite;
      // Named through /proc: fanotify_mark(2) does not take an O_PATH descriptor by itself.
      setMark(group, markFlag.add | markFlag.filesystem, bits, here, `/proc/self/fd/${file}`);
    },
    ignore: (group, file) =>
      setMark(group, markFlag.add | markFlag.ignored | markFlag.evictable, mask.open, file, null),
    askAgain: (group, file) => void mark(group, markFlag.remove | markFlag.ignored, mask.open, file, null),
    askAgainAll: (group) => setMark(group, markFlag.flush, 0, here, null),
    unwatchAll: (group) => {
      try {
        setMark(group, markFlag.flush | markFlag.filesystem, 0, here, null);
      } finally {
        setMark(group, markFlag.flush, 0, here, null);
      }
    },
    hasNoWriter: (file) => {
      const taken = fcntl(file, lease.set, 'int', lease.read);
      return typeof taken === 'number' && typeof fcntl(file, lease.set, 'int', lease.none) === 'number';
    },
    endNow: (code) => void exit(code),
  };
}
