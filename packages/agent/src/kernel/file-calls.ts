/**
 * What Node's file system does not offer: a rename that replaces nothing, extended attributes, inode flags, exact
 * times, idle priority for the disk, and signals that cannot reach the wrong process.
 *
 * Each call throws a SystemCallError when the kernel refuses. Names are bytes: they need not be UTF-8.
 */
import { bindCall, bindCallOr } from './library.ts';

export interface ExtendedAttribute {
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
  attributes(file: number): ExtendedAttribute[];
  setAttribute(file: number, attribute: ExtendedAttribute): void;
  /** Undefined where the filesystem has none. */
  flags(file: number): number | undefined;
  setFlags(file: number, flags: number): void;
  /** Nanoseconds since 1970. */
  setTimes(file: number, times: FileTimes): void;
  /** That thread of ours gets the disk only while nobody else needs it. */
  yieldDisk(thread: number): void;
  /** A descriptor of this very process: it stays right when the number is used again. */
  openProcess(pid: number): number;
  signal(process: number, number: number): void;
}

/** chattr(1): flags that must be cleared before a file or a folder can be changed. */
export const inodeFlag = { immutable: 0x10, append: 0x20 } as const;
/** FS_SECRM, UNRM, SYNC, IMMUTABLE, APPEND, NODUMP, NOATIME. The others say how a file is stored, so we do not keep them. */
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
const maxList = 65_536;
const nanoseconds = 1_000_000_000n;

/** The errors of filesystems without attributes, and without flags. */
const unsupported = ['ENOTTY', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL', 'ENOSYS'] as const;
let loaded: FileCalls | undefined;

/** Loaded once a thread. Throws the reason when this machine has none. */
export function fileCalls(): FileCalls {
  loaded ??= load();
  return loaded;
}

function load(): FileCalls {
  const number = process.platform === 'linux' ? numbers[process.arch] : undefined;
  if (!number)
    throw new Error(`Files are handled on Linux on x64 and arm64; this is ${process.platform} on ${process.arch}.`);
  // syscall(2) is variadic; on both machines whole numbers and pointers go in the same registers either way.
  const rename = bindCall<[number, number, Buffer, number, Buffer, number]>(
    'long syscall(long, int, const void *, int, const void *, unsigned int)',
    'renameat2',
  );
  const threeNumbers = 'long syscall(long, int, int, int)';
  const ioprioSet = bindCall<[number, number, number, number]>(threeNumbers, 'ioprio_set');
  const pidfdOpen = bindCall<[number, number, number, number]>(threeNumbers, 'pidfd_open');
  const pidfdSendSignal = bindCall<[number, number, number, null, number]>(
    'long syscall(long, int, int, void *, unsigned int)',
    'pidfd_send_signal',
  );
  const ioctl = bindCallOr<[number, bigint, Buffer], (typeof unsupported)[number]>(
    'int ioctl(int, unsigned long, void *)',
    unsupported,
  );
  const setFlags = bindCall<[number, bigint, Buffer]>('int ioctl(int, unsigned long, void *)');
  const futimens = bindCall<[number, Buffer]>('int futimens(int, const void *)');
  return {
    rename: ({ folder, from, to }) =>
      void rename(number.renameat2, folder, terminated(from), folder, terminated(to), noReplace),
    ...attributeCalls(),
    flags: (file) => {
      const into = Buffer.alloc(8);
      return typeof ioctl(file, control.getFlags, into) === 'string' ? undefined : into.readUInt32LE();
    },
    setFlags: (file, flags) => {
      const value = Buffer.alloc(8);
      value.writeUInt32LE(flags);
      setFlags(file, control.setFlags, value);
    },
    setTimes: (file, { accessed, modified }) =>
      void futimens(file, Buffer.concat([timespec(accessed), timespec(modified)])),
    yieldDisk: (thread) => void ioprioSet(number.ioprioSet, oneThread, thread, idleClass),
    openProcess: (pid) => pidfdOpen(pidfd.open, pid, 0, 0),
    signal: (process, signal) => void pidfdSendSignal(pidfd.sendSignal, process, signal, null, 0),
  };
}

function attributeCalls(): Pick<FileCalls, 'attributes' | 'setAttribute'> {
  const list = bindCallOr<[number, Buffer, number], 'EOPNOTSUPP' | 'ENOTSUP'>('long flistxattr(int, void *, size_t)', [
    'EOPNOTSUPP',
    'ENOTSUP',
  ]);
  const get = bindCall<[number, Buffer, Buffer, number]>('long fgetxattr(int, const void *, void *, size_t)');
  const set = bindCall<[number, Buffer, Buffer, number, number]>(
    'int fsetxattr(int, const void *, const void *, size_t, int)',
  );
  return {
    attributes: (file) => {
      const into = Buffer.alloc(maxList);
      const length = list(file, into, into.length);
      return namesIn(into.subarray(0, typeof length === 'string' ? 0 : length)).map((name) => {
        const size = get(file, terminated(name), into, into.length);
        return { name, value: Buffer.from(into.subarray(0, size)) };
      });
    },
    setAttribute: (file, { name, value }) => void set(file, terminated(name), value, value.length, 0),
  };
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

function terminated(name: Buffer): Buffer {
  if (name.includes(0)) throw new Error('A name with a zero byte is no name of a file.');
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
