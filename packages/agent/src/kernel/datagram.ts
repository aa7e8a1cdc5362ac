/** Tries to send one UDP datagram: the self-probe of an isolation. */
import type { Calls, Descriptor } from './calls.ts';
import { SystemCallError } from './library.ts';

const addressFamily = { v4: 2, v6: 10 } as const;
const datagramCloseOnExec = 0x2 | 0x80000;
const socketLevel = 1;
const bindToDevice = 25;

export interface Destination {
  readonly version: 'v4' | 'v6';
  /** 4 or 16 bytes. */
  readonly address: Buffer;
  readonly port: number;
  /** Sends through this device even if no route leads to the address. */
  readonly device?: string;
}

/** Undefined when the kernel took the datagram, otherwise the name of its errno. Never waits. */
export function sendDatagram(calls: Calls, to: Destination): string | undefined {
  let socket: Descriptor | undefined;
  try {
    socket = calls.socket(addressFamily[to.version], datagramCloseOnExec, 0);
    if (to.device !== undefined) {
      const value = Buffer.from(`${to.device}\0`);
      calls.setOption(socket, { level: socketLevel, name: bindToDevice, value });
    }
    calls.sendTo(socket, Buffer.from('cordon'), socketAddress(to));
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error.code;
    throw error;
  } finally {
    if (socket !== undefined) calls.close(socket);
  }
}

/** struct sockaddr_in (16 bytes) or sockaddr_in6 (28 bytes). */
function socketAddress(to: Destination): Buffer {
  const bytes = Buffer.alloc(to.version === 'v4' ? 16 : 28);
  bytes.writeUInt16LE(addressFamily[to.version], 0);
  bytes.writeUInt16BE(to.port, 2);
  to.address.copy(bytes, to.version === 'v4' ? 4 : 8);
  return bytes;
}
