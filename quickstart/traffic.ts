/**
 * The two ends of the traffic that isolation cuts.
 *
 * `traffic.ts listen` receives datagrams and reports four times a second how many came. `traffic.ts send <address>` sends
 * one every 20 ms, whatever the kernel answers.
 *
 * Each runs in a network namespace that lives only as long as the process.
 */
import { createSocket } from 'node:dgram';

const port = 7007;
const sendIntervalMs = 20;
const countIntervalMs = 250;

const [mode, address] = process.argv.slice(2);
// The parent has ended, so this ends too.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
if (mode === 'listen') listen();
else if (mode === 'send' && address !== undefined) send(address);
else throw new Error('usage: traffic.ts listen | send <address>');

function listen(): void {
  let received = 0;
  const socket = createSocket('udp4');
  socket.on('message', () => {
    received += 1;
  });
  socket.bind(port, '0.0.0.0', () => process.send?.({ ready: true }));
  setInterval(() => {
    process.send?.({ received });
    received = 0;
  }, countIntervalMs);
}

function send(to: string): void {
  const socket = createSocket('udp4');
  // EPERM while isolated, ENETUNREACH before the cable is connected; both are expected.
  socket.on('error', () => {});
  socket.bind(0, '0.0.0.0', () => process.send?.({ ready: true }));
  setInterval(() => socket.send('hello, neighbour', port, to, () => {}), sendIntervalMs);
}
