/**
 * What Node's file system does not offer: a rename that replaces nothing, extended attributes, inode flags, exact
 * times, idle priority for the disk, and signals that cannot reach the wrong process.
 *
 * Every call throws an error with `code`, as those of node:fs do. Names are bytes: they need not be UTF-8.
 */
import { createRequire } from 'node:module';
import { getSystemErrorMap } from 'node:util';
import type * as Koffi from 'koffi';
import { messageOf } from '../message-of.ts';

export interface Attribute {
  readonly name: Buffer;
  readonly value: Buffer;
}

/** Both names are in the folder; fails with EEXIST when `to` is taken. */
export interface Rename {
  readonly folder: number;
  readonly from: Buffer;
  readonly to: Buffer;
}

export interface FileTimes {
  readonly accessed: bigint;
  readonly modified: bigint;
}

export interface FileCalls {
  rename(names: Rename): void;
  attributes(file: number): Attribute[];
  setAttribute(file: number, attribute: Attribute): void;
  /** Undefined where the filesystem has none. */
  flags(file: number): number | undefined;
  setFlags(file: number, flags: number): void;
  /** Nanoseconds since 1970. */
  setTimes(file: number, times: FileTimes): void;
  /** That thread of ours gets the disk only when nobody else wants it. */
  yieldDisk(thread: number): void;
  /** A descriptor of this very process, whatever becomes of its number. */
  openProcess(pid: number): number;
  signal(process: number, number: number): void;
}

/** chattr(1): what has to go before a file or a folder can be changed, and what of it is worth keeping. */
export const inodeFlag = { immutable: 0x10, append: 0x20 } as const;
/** FS_SECRM, UNRM, SYNC, IMMUTABLE, APPEND, NODUMP, NOATIME: the others say how it is stored, which is not ours. */
export const keptFlags = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80;

/** syscalls(2); numbers from 424 on are the same everywhere. */
const numbers: Readonly<Record<string, { renameat2: number; ioprioSet: number } | undefined>> = {
  x64: { renameat2: 316, ioprioSet: 251 },
  arm64: { renameat2: 276, ioprioSet: 30 },
};
const pidfd = { sendSignal: 424, open: 434 } as const;
/** FS_IOC_GETFLAGS and FS_IOC_SETFLAGS of 64-bit machines. */
const control = { getFlags: 0x8008_6601n, setFlags: 0x4008_6602n } as const;
const noReplace = 1;
const idleClass = 3 << 13;
/** IOPRIO_WHO_PROCESS, which means a thread. */
const oneThread = 1;
/** Linux keeps a name list, and a value, within 64 KiB. */
const longest = 65_536;
const nanoseconds = 1_000_000_000n;

let loaded: FileCalls | Error | undefined;

/** Loaded once a thread, or the reason why this machine has none. */
export function fileCalls(): FileCalls | Error {
  loaded ??= load();
  return loaded;
}

function load(): FileCalls | Error {
  const found = process.platform === 'linux' ? numbers[process.arch] : undefined;
  if (!found)
    return new Error(`Files are handled on Linux on x64 and arm64; this is ${process.platform} on ${process.arch}.`);
  try {
    const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
    return bind(koffi, found);
  } catch (error) {
    return new Error(`The library for system calls (koffi) does not load here: ${messageOf(error)}`);
  }
}

type Call<A extends readonly unknown[]> = (...values: A) => number;

function bind(koffi: typeof Koffi, number: { renameat2: number; ioprioSet: number }): FileCalls {
  const library = koffi.load(null);
  // syscall(2) is variadic; on both machines whole numbers and pointers go in the same registers either way.
  const rename: Call<[number, number, Buffer, number, Buffer, number]> = library.func(
    'long syscall(long, int, const void *, int, const void *, unsigned int)',
  );
  const three: Call<[number, number, number, number]> = library.func('long syscall(long, int, int, int)');
  const send: Call<[number, number, number, null, number]> = library.func(
    'long syscall(long, int, int, void *, unsigned int)',
  );
  const ioctl: Call<[number, bigint, Buffer]> = library.func('int ioctl(int, unsigned long, void *)');
  const futimens: Call<[number, Buffer]> = library.func('int futimens(int, const void *)');
  const checked = (name: string, result: number): number => {
    if (result < 0) throw failure(name, koffi.errno());
    return result;
  };
  return {
    rename: ({ folder, from, to }) => {
      checked('renameat2', rename(number.renameat2, folder, ended(from), folder, ended(to), noReplace));
    },
    ...attributeCalls(library, checked),
    flags: (file) => {
      const into = Buffer.alloc(8);
      if (ioctl(file, control.getFlags, into) >= 0) return into.readUInt32LE();
      const error = failure('ioctl', koffi.errno());
      if (['ENOTTY', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL', 'ENOSYS'].includes(error.code)) return undefined;
      throw error;
    },
    setFlags: (file, flags) => {
      const value = Buffer.alloc(8);
      value.writeUInt32LE(flags);
      checked('ioctl', ioctl(file, control.setFlags, value));
    },
    setTimes: (file, { accessed, modified }) => {
      checked('futimens', futimens(file, Buffer.concat([timespec(accessed), timespec(modified)])));
    },
    yieldDisk: (thread) => {
      checked('ioprio_set', three(number.ioprioSet, oneThread, thread, idleClass));
    },
    openProcess: (pid) => checked('pidfd_open', three(pidfd.open, pid, 0, 0)),
    signal: (process, signal) => {
      checked('pidfd_send_signal', send(pidfd.sendSignal, process, signal, null, 0));
    },
  };
}

function attributeCalls(
  library: Koffi.LibraryHandle,
  checked: (name: string, result: number) => number,
): Pick<FileCalls, 'attributes' | 'setAttribute'> {
  const list: Call<[number, Buffer, number]> = library.func('long flistxattr(int, void *, size_t)');
  const get: Call<[number, Buffer, Buffer, number]> = library.func('long fgetxattr(int, const void *, void *, size_t)');
  const set: Call<[number, Buffer, Buffer, number, number]> = library.func(
    'int fsetxattr(int, const void *, const void *, size_t, int)',
  );
  return {
    attributes: (file) => {
      const into = Buffer.alloc(longest);
      const names = namesIn(
        into.subarray(
          0,
          supported(() => checked('flistxattr', list(file, into, into.length))),
        ),
      );
      return names.map((name) => {
        const length = checked('fgetxattr', get(file, ended(name), into, into.length));
        return { name, value: Buffer.from(into.subarray(0, length)) };
      });
    },
    setAttribute: (file, { name, value }) => {
      checked('fsetxattr', set(file, ended(name), value, value.length, 0));
    },
  };
}

/** A filesystem without attributes has none. */
function supported(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EOPNOTSUPP' || error.code === 'ENOTSUP'))
      return 0;
    throw error;
  }
}

function namesIn(list: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; at < list.length;) {
    const end = list.indexOf(0, at);
    names.push(Buffer.from(list.subarray(at, end)));
    at = end + 1;
  }
  return names;
}

function ended(name: Buffer): Buffer {
  if (name.includes(0)) throw new Error('A name with a zero byte names nothing.');
  return Buffer.concat([name, Buffer.alloc(1)]);
}

/** struct timespec: times before 1970 have a negative second and a positive rest. */
function timespec(at: bigint): Buffer {
  const rest = ((at % nanoseconds) + nanoseconds) % nanoseconds;
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE((at - rest) / nanoseconds);
  bytes.writeBigInt64LE(rest, 8);
  return bytes;
}

function failure(call: string, errno: number): Error & { readonly code: string } {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];
  return Object.assign(new Error(`${code}: ${text}, ${call}`), { code });
}
