/**
 * Loaded into a process that is measured, before its own code (`node --import`): keeps the longest stall of its event
 * loop, and tells it on a UNIX socket. So nothing in the product knows that it is measured.
 */
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const path = process.env['CORDON_BENCH_SOCKET'];
const resolution = 1;

// Worker threads load this too; their stalls hold nobody up.
if (isMainThread && path !== undefined) listen(path);

function listen(socket: string): void {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // Each connection gets the longest stall since the one before, in milliseconds.
  createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.end(String(Math.max(0, delay.max / 1e6 - resolution)));
    delay.reset();
  })
    .listen(socket)
    .unref();
}
