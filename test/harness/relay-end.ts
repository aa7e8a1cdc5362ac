/**
 * The far end of a relay: `node relay-end.ts <address> <port> <socket>`.
 *
 * Listens in the network namespace it is started in, and carries every connection to a UNIX socket, which works across
 * network namespaces.
 */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

const [address = '', port = '', path = ''] = process.argv.slice(2);

createServer({ allowHalfOpen: true }, (socket) => join(socket, connect({ path, allowHalfOpen: true }))).listen(
  Number(port),
  address,
  () => process.stdout.write('{"event":"listening"}\n'),
);
// The parent holds our standard input open; it ends when the parent does.
process.stdin.on('close', () => process.exit(0)).resume();

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    here.setNoDelay(true);
    here.on('error', () => there.destroy());
    here.on('close', () => there.destroy());
  }
}
