/** The control socket: root at the endpoint sends the enforcer one request a connection. Link cannot open it. */
import { decodeControlRequest } from './control-messages.ts';
import type { ControlAnswer, ControlRequest, ObjectsStatus } from './control-messages.ts';
import { connectTo } from './line-socket.ts';
import { SocketServer } from './socket-server.ts';

const maxRequest = 1000;
const requestTimeoutMs = 10_000;

/** Readable and writable for root alone (or, in trials, the user who runs this). */
export function controlServer(
  path: string,
  answer: (request: ControlRequest) => ControlAnswer | ObjectsStatus,
): SocketServer {
  return new SocketServer({
    path,
    idleTimeoutMs: requestTimeoutMs,
    connected: (connection) =>
      connection.listen({
        maxLength: maxRequest,
        received: (line) => {
          const request = decodeControlRequest(line);
          if (request) connection.end(answer(request));
          return request !== undefined;
        },
      }),
  });
}

const answerTimeoutMs = 15_000;
const maxAnswer = 4_000_000;

/** The line it answers with, '' when it closes without one. Throws when nobody answers at that path. */
export async function askEnforcer(path: string, request: ControlRequest): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const connection = await connectTo(path);
  const timer = setTimeout(() => {
    reject(new Error('it did not answer'));
    connection.close();
  }, answerTimeoutMs);
  connection.listen({
    maxLength: maxAnswer,
    received: (line) => {
      resolve(line);
      return true;
    },
    closed: () => resolve(''),
  });
  connection.send(request);
  return promise.finally(() => {
    clearTimeout(timer);
    connection.close();
  });
}
