/** The enforcer's socket for root at the endpoint: one request and one answer a connection. Link cannot open it. */
import { decodeControlRequest } from './control-messages.ts';
import type { ControlAnswer, ControlRequest, ObjectsStatus } from './control-messages.ts';
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
