/** The request of an enrolment; runs in a child process without privileges, because it reads from the network. */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { EnrolmentToken, EnrolRequest } from '@cordon/protocol/channel';
import { Refusal } from '../../refusal.ts';
import { messageOf } from '../../message-of.ts';
import { connectPinned } from '../tls.ts';
import type { Pinned } from '../tls.ts';

/** A desired state with 64 gateways is a tenth of this. */
const maxAnswerBytes = 100_000;

export interface EnrolInput {
  readonly token: EnrolmentToken;
  readonly request: EnrolRequest;
}

/** The answer's text from the first gateway that gives one. */
export async function requestEnrolment({ token, request: body }: EnrolInput): Promise<string> {
  const failures: string[] = [];
  for (const gateway of token.gateways) {
    try {
      return await post({ ...gateway, publicKeyPins: token.publicKeyPins }, JSON.stringify(body));
    } catch (error) {
      // The server itself refused: another gateway of the same servers would refuse too.
      if (error instanceof Refusal) throw error;
      failures.push(`${gateway.host}:${gateway.port}: ${messageOf(error)}`);
    }
  }
  throw new Error(`No gateway of the token could be reached.\n  ${failures.join('\n  ')}`);
}

async function post(to: Pinned, body: string): Promise<string> {
  const { socket } = await connectPinned(to);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const outgoing = request({
      createConnection: () => socket,
      host: to.host,
      port: to.port,
      path: '/agent/v1/enrol',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(20_000),
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxAnswerBytes) response.destroy(new Error(`The answer is longer than ${maxAnswerBytes} bytes.`));
      });
      void text(response)
        .then((answer) => resolve(readAnswer(response.statusCode ?? 0, answer)))
        .catch(reject);
    });
    outgoing.end(body);
    return await promise;
  } finally {
    socket.destroy();
  }
}

function readAnswer(status: number, answer: string): string {
  if (status >= 200 && status < 300) return answer;
  const message = messageIn(answer) ?? 'no reason given';
  if (status >= 400 && status < 500) throw new Refusal(`The server refused the enrolment (${status}): ${message}`);
  throw new Error(`the server failed (${status}): ${message}`);
}

/** The first message in a refusal of any shape. */
function messageIn(answer: string): string | undefined {
  const found = /"(?:message|error)"\s*:\s*("(?:[^"\\]|\\.){1,500}")/.exec(answer)?.[1];
  const value: unknown = found === undefined ? undefined : JSON.parse(found);
  return typeof value === 'string' ? value : undefined;
}
