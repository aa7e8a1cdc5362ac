/** Tries to send one UDP datagram, and tells what the kernel said: the self-probe of an isolation. */
import type { Calls } from './calls.ts';

const addressFamily = { v4: 2, v6: 10 } as const;
const datagramCloseOnExec = 0x2 | 0x80000;
const socketLevel = 1;
const bindToDevice = 25;

export interface Destination {
  readonly version: 'v4' | 'v6';
  /** 4 or 16 bytes. */
  readonly address: Buffer;
  readonly port: number;
  /** Leave through this device even if no route leads to the address. */
  readonly device?: string;
}

/** 0 when the kernel took the datagram, otherwise the errno. Never waits. */
export function sendDatagram(calls: Calls, to: Destination): number {
  const socket = calls.socket(addressFamily[to.version], datagramCloseOnExec, 0);
  if (socket < 0) return -socket;
  try {
    if (to.device !== undefined) {
      const value = Buffer.from(`${to.device}\0`);
      const bound = calls.setOption(socket, { level: socketLevel, name: bindToDevice, value });
      if (bound < 0) return -bound;
    }
    const sent = calls.sendTo(socket, Buffer.from('cordon'), socketAddress(to));
    return sent < 0 ? -sent : 0;
  } finally {
    calls.close(socket);
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
