/** The system calls of sockets that Node does not offer. */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { loadLibrary } from './library.ts';
import type { Library } from './library.ts';

/** A file descriptor of a socket that Node knows nothing of. */
export type Descriptor = number;

/** Negative results are negated errno values, as the kernel itself gives them. */
export interface Calls {
  socket(domain: number, type: number, protocol: number): Descriptor;
  setOption(socket: Descriptor, option: { level: number; name: number; value: Buffer }): number;
  send(socket: Descriptor, bytes: Buffer): number;
  sendTo(socket: Descriptor, bytes: Buffer, address: Buffer): number;
  receive(socket: Descriptor, into: Buffer, options: { wait: boolean }): number;
  /** The netlink port of a socket; 0 when it has none yet. */
  portOf(socket: Descriptor): number;
  /** Gives a netlink socket a port, without which it hears nothing. */
  bind(socket: Descriptor): number;
  /** From now on the kernel sends SIGIO to this process whenever something can be read. */
  signalWhenReadable(socket: Descriptor): number;
  close(socket: Descriptor): void;
}

const dontWait = 0x40;
/** fcntl(2): whom to signal, and that signals and no waiting are wanted. */
const fileControl = { setFlags: 4, setOwner: 8, nonblockAsync: 0x800 | 0x2000 } as const;
/** struct sockaddr_nl: family, padding, port (4 bytes), groups. */
const netlinkAddress = { size: 12, family: 16, port: 4 } as const;
let loaded: Calls | Error | undefined;

/** The calls, loaded once, or the reason why this machine has none. Never throws: an agent that cannot isolate still reports. */
export function systemCalls(): Calls | Error {
  loaded ??= load();
  return loaded;
}

function load(): Calls | Error {
  if (process.platform !== 'linux') return new Error(`Isolation needs Linux; this is ${process.platform}.`);
  // Netlink headers are in the byte order of the machine, and the codec beside this file writes little-endian only.
  if (endianness() !== 'LE') return new Error(`Isolation needs a little-endian machine; this is ${process.arch}.`);
  const found = loadLibrary();
  return found instanceof Error ? found : bind(found);
}

function bind({ koffi, c: library }: Library): Calls {
  const socket: (domain: number, type: number, protocol: number) => number = library.func('int socket(int, int, int)');
  const setsockopt: (...call: [fd: number, level: number, name: number, value: Buffer, size: number]) => number =
    library.func('int setsockopt(int, int, int, const void *, uint32_t)');
  const sendto: (...call: [number, Buffer, number, number, Buffer | null, number]) => number = library.func(
    'long sendto(int, const void *, size_t, int, const void *, uint32_t)',
  );
  const recv: (fd: number, into: Buffer, size: number, flags: number) => number = library.func(
    'long recv(int, void *, size_t, int)',
  );
  const getsockname: (fd: number, address: Buffer, size: Buffer) => number = library.func(
    'int getsockname(int, void *, void *)',
  );
  const bound: (fd: number, address: Buffer, size: number) => number = library.func(
    'int bind(int, const void *, uint32_t)',
  );
  const fcntl: (fd: number, command: number, type: 'int', value: number) => number =
    library.func('int fcntl(int, int, ...)');
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result);
  return {
    socket: (domain, type, protocol) => orErrno(socket(domain, type, protocol)),
    setOption: (fd, { level, name, value }) => orErrno(setsockopt(fd, level, name, value, value.length)),
    send: (fd, bytes) => orErrno(sendto(fd, bytes, bytes.length, 0, null, 0)),
    sendTo: (fd, bytes, address) => orErrno(sendto(fd, bytes, bytes.length, dontWait, address, address.length)),
    receive: (fd, into, { wait }) => orErrno(recv(fd, into, into.length, wait ? 0 : dontWait)),
    portOf: (fd) => {
      const address = Buffer.alloc(netlinkAddress.size);
      const size = Buffer.alloc(4);
      size.writeUInt32LE(address.length);
      return getsockname(fd, address, size) < 0 ? 0 : address.readUInt32LE(netlinkAddress.port);
    },
    bind: (fd) => {
      const address = Buffer.alloc(netlinkAddress.size);
      address.writeUInt16LE(netlinkAddress.family);
      return orErrno(bound(fd, address, address.length));
    },
    signalWhenReadable: (fd) => {
      const owned = orErrno(fcntl(fd, fileControl.setOwner, 'int', process.pid));
      return owned < 0 ? owned : orErrno(fcntl(fd, fileControl.setFlags, 'int', fileControl.nonblockAsync));
    },
    close: (fd) => closeSync(fd),
  };
}
