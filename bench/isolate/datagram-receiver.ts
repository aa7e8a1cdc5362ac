/** The neighbour: counts the datagrams, and reports when the last one received was sent. */
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const port = 7007;
const socketBytes = 8 << 20;
let count = 0;
let lastSent = 0n;

const socket = createSocket({ type: 'udp4', recvBufferSize: socketBytes });
socket.on('message', (packet) => {
  count += 1;
  const sent = packet.readBigUInt64LE();
  if (sent > lastSent) lastSent = sent;
});
socket.bind(port, '0.0.0.0', () => print({ event: 'listening' }));
createInterface({ input: process.stdin })
  .on('line', () => print({ event: 'received', count, lastSent: String(lastSent) }))
  .on('close', () => process.exit(0));

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
