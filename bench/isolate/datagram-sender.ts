/**
 * `datagram-sender.ts <address>`: sends a datagram about every 0.1 ms, stamped with the time, whatever the kernel answers.
 *
 * Evenly rather than as fast as possible, so that the receiver drops none, and the last one received is the last one sent.
 */
import { isIPv4 } from 'node:net';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';

const port = 7007;
const pauseMs = 0.05;
const sendsPerParentCheck = 1000;

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

// The loop blocks events, so it polls for the end of the parent.
while (process.ppid === parent) {
  for (let count = 0; count < sendsPerParentCheck; count += 1) {
    packet.writeBigUInt64LE(process.hrtime.bigint());
    try {
      calls.sendTo(socket, packet, address);
    } catch {
      // Refused while isolated.
    }
    Atomics.wait(never, 0, 0, pauseMs);
  }
}
