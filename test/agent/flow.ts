/**
 * TCP flows that can be watched. `node flow.ts serve <port>…` echoes; `node flow.ts talk <address> <port>` sends a byte
 * every 5 ms, and prints how many came back.
 */
import { connect, createServer } from 'node:net';

const [mode, ...rest] = process.argv.slice(2);

function emit(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function serve(ports: readonly string[]): void {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    server.listen(Number(port), '::', () => emit({ event: 'serving', port }));
  }
}

function talk(address: string, port: string): void {
  const startedAt = performance.now();
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  let echoes = 0;
  let timer: NodeJS.Timeout | undefined;
  socket.on('connect', () => {
    emit({ event: 'connected' });
    timer = setInterval(() => socket.write('.'), 5);
  });
  socket.on('data', (data: Buffer) => {
    echoes += data.length;
    emit({ event: 'echo', echoes });
  });
  socket.on('error', (error) => {
    clearInterval(timer);
    const code = 'code' in error ? error.code : error.message;
    emit({ event: 'failed', code, after: performance.now() - startedAt });
  });
}

process.stdin.on('close', () => process.exit(0)).resume();
if (mode === 'serve') serve(rest);
else talk(rest[0] ?? '', rest[1] ?? '');
