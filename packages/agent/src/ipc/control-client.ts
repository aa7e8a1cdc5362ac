/** Sends the enforcer one request over the control socket, and returns its answer. */
import { connectTo } from './line-socket.ts';
import type { ControlRequest } from './control-messages.ts';

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
