/** `cordon-agent release`: gives the enforcer a break-glass code, without server and network. */
import { askEnforcer } from '../ipc/control-socket.ts';
import { controlPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { decodeControlAnswer } from '../ipc/control-messages.ts';
import type { ControlAnswer } from '../ipc/control-messages.ts';
import { Refusal } from '../refusal.ts';
import { messageOf } from '../message-of.ts';

export async function releaseByCode(code: string, environment: Environment): Promise<ControlAnswer> {
  const path = controlPath(environment);
  let line: string;
  try {
    line = await askEnforcer(path, { type: 'break-glass', code });
  } catch (error) {
    throw new Refusal(
      `The enforcer does not answer at ${path}: ${messageOf(error)}. Run this as root, and start the enforcer if it is not running: systemctl start cordon-enforcer`,
    );
  }
  const answer = decodeControlAnswer(line);
  if (!answer)
    throw new Refusal(
      'The enforcer closed the connection without an answer. Check the result with: cordon-agent status',
    );
  return answer;
}
