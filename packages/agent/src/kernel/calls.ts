/** The system calls of sockets that Node does not offer. */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { bindCall, bindCallOr } from './library.ts';

/** A file descriptor of a socket that Node does not know. */
export type Descriptor = number;

/** Each throws a SystemCallError when the kernel refuses. */
export interface Calls {
  socket(domain: number, type: number, protocol: number): Descriptor;
  setOption(socket: Descriptor, option: { level: number; name: number; value: Buffer }): void;
  send(socket: Descriptor, bytes: Buffer): void;
  /** Never waits. */
  sendTo(socket: Descriptor, bytes: Buffer, address: Buffer): void;
  /** The length; EAGAIN when there is nothing (in time), EINTR when a signal came first. */
  receive(socket: Descriptor, into: Buffer, options: { wait: boolean }): number | 'EAGAIN' | 'EINTR';
  /** The netlink port of a socket; 0 before it has one. */
  portOf(socket: Descriptor): number;
  /** Gives a netlink socket a port, if it has none: without one it receives no multicast. */
  bind(socket: Descriptor): void;
  /** From now on the kernel sends SIGIO to this process whenever something can be read. */
  signalWhenReadable(socket: Descriptor): void;
  close(socket: Descriptor): void;
}

const dontWait = 0x40;
/** fcntl(2): which process to signal; signals on, waiting off (O_ASYNC, O_NONBLOCK). */
const fileControl = { setFlags: 4, setOwner: 8, nonblockAsync: 0x800 | 0x2000 } as const;
/** struct sockaddr_nl: family, padding, port (4 bytes), groups. */
const netlinkAddress = { size: 12, family: 16, port: 4 } as const;
let loaded: Calls | undefined;

/** Loaded once a thread. Throws the reason when this machine has none. */
export function systemCalls(): Calls {
  loaded ??= load();
  return loaded;
}

function load(): Calls {
  if (process.platform !== 'linux') throw new Error(`Isolation needs Linux; this is ${process.platform}.`);
  // Netlink headers are in the byte order of the machine, and the codec beside this file writes little-endian only.
  if (endianness() !== 'LE') throw new Error(`Isolation needs a little-endian machine; this is ${process.arch}.`);
  const socket = bindCall<[domain: number, type: number, protocol: number]>('int socket(int, int, int)');
  const setsockopt = bindCall<[fd: number, level: number, name: number, value: Buffer, size: number]>(
    'int setsockopt(int, int, int, const void *, uint32_t)',
  );
  const sendto = bindCall<[number, Buffer, number, number, Buffer | null, number]>(
    'long sendto(int, const void *, size_t, int, const void *, uint32_t)',
  );
  const recv = bindCallOr<[fd: number, into: Buffer, size: number, flags: number], 'EAGAIN' | 'EINTR'>(
    'long recv(int, void *, size_t, int)',
    ['EAGAIN', 'EINTR'],
  );
  const getsockname = bindCall<[fd: number, address: Buffer, size: Buffer]>('int getsockname(int, void *, void *)');
  const bind = bindCallOr<[fd: number, address: Buffer, size: number], 'EINVAL'>(
    'int bind(int, const void *, uint32_t)',
    ['EINVAL'],
  );
  const fcntl = bindCall<[fd: number, command: number, type: 'int', value: number]>('int fcntl(int, int, ...)');
  return {
    socket,
    setOption: (fd, { level, name, value }) => void setsockopt(fd, level, name, value, value.length),
    send: (fd, bytes) => void sendto(fd, bytes, bytes.length, 0, null, 0),
    sendTo: (fd, bytes, address) => void sendto(fd, bytes, bytes.length, dontWait, address, address.length),
    receive: (fd, into, { wait }) => recv(fd, into, into.length, wait ? 0 : dontWait),
    portOf: (fd) => {
      const address = Buffer.alloc(netlinkAddress.size);
      const size = Buffer.alloc(4);
      size.writeUInt32LE(address.length);
      getsockname(fd, address, size);
      return address.readUInt32LE(netlinkAddress.port);
    },
    bind: (fd) => {
      const address = Buffer.alloc(netlinkAddress.size);
      address.writeUInt16LE(netlinkAddress.family);
      bind(fd, address, address.length);
    },
    signalWhenReadable: (fd) => {
      fcntl(fd, fileControl.setOwner, 'int', process.pid);
      fcntl(fd, fileControl.setFlags, 'int', fileControl.nonblockAsync);
    },
    close: (fd) => closeSync(fd),
  };
}
