/** Asks the enforcer something over the socket for root: one question, one answer. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Question } from './control-messages.ts';

const patience = 15_000;

/** Throws when nobody answers at that path. */
export async function askEnforcer(path: string, question: Question): Promise<string> {
  const socket = connect(path);
  socket.setTimeout(patience, () => socket.destroy(new Error('it did not answer')));
  await once(socket, 'connect');
  socket.write(`${JSON.stringify(question)}\n`);
  return text(socket);
}
