/**
 * Preloaded into a measured process (`node --import`): records the longest stall of its event loop, and reports it on a
 * UNIX socket. So the product needs no code for it.
 */
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const path = process.env['CORDON_BENCH_SOCKET'];
const resolution = 1;

// Worker threads load this too; their stalls delay nobody.
if (isMainThread && path !== undefined) listen(path);

function listen(socket: string): void {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // Each connection receives the longest stall since the previous one, in milliseconds.
  createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.end(String(Math.max(0, delay.max / 1e6 - resolution)));
    delay.reset();
  })
    .listen(socket)
    .unref();
}
