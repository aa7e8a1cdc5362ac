/** `cordon-agent restore`: takes a break-glass code to the enforcer, without server and without network. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { counterPath } from './pipe/place.ts';
import type { Environment } from './pipe/place.ts';
import { decodeAnswer } from './pipe/questions.ts';
import type { Answer } from './pipe/questions.ts';
import { Refusal } from './refusal.ts';
import { sentenceOf } from './sentence.ts';

const patience = 15_000;

export async function restoreByCode(code: string, environment: Environment): Promise<Answer> {
  const path = counterPath(environment);
  const socket = connect(path);
  socket.setTimeout(patience, () => socket.destroy(new Error('it did not answer')));
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new Refusal(
      `The enforcer does not answer at ${path}: ${sentenceOf(error)}. Run this as root, and start the enforcer if it is not running: systemctl start cordon-enforcer`,
    );
  }
  socket.write(`${JSON.stringify({ ask: 'break-glass', code })}\n`);
  const answer = decodeAnswer(await text(socket));
  if (!answer) throw new Refusal('The enforcer gave no answer; nothing is known of the code. See: cordon-agent status');
  return answer;
}
