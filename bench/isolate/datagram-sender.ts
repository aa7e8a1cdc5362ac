/**
 * `datagram-sender.ts <address>`: sends a datagram every 0.1 ms or so, stamped with the time of its sending, whatever the kernel
 * answers. Evenly rather than as fast as possible, so that the receiver never drops one and the last that it heard is
 * the last that left.
 */
import { isIPv4 } from 'node:net';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';

const port = 7007;
const pauseMs = 0.05;
const looksAtParentEvery = 1000;

const calls = systemCalls();
const to = process.argv[2] ?? '';
if (!isIPv4(to)) throw new Error('usage: datagram-sender.ts <IPv4 address>');
const address = Buffer.alloc(16);
address.writeUInt16LE(2, 0);
address.writeUInt16BE(port, 2);
Buffer.from(to.split('.').map(Number)).copy(address, 4);
const socket = calls.socket(2, 0x2 | 0x80000, 0);
const packet = Buffer.alloc(64);
const never = new Int32Array(new SharedArrayBuffer(4));
const parent = process.ppid;

// The loop leaves no room for events, so the end of the parent is looked for.
while (process.ppid === parent) {
  for (let count = 0; count < looksAtParentEvery; count += 1) {
    packet.writeBigUInt64LE(process.hrtime.bigint());
    calls.sendTo(socket, packet, address);
    Atomics.wait(never, 0, 0, pauseMs);
  }
}
