/** `cordon-agent restore`: takes a break-glass code to the enforcer, without server and without network. */
import { askEnforcer } from '../ipc/control-client.ts';
import { controlPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { decodeControlAnswer } from '../ipc/control-messages.ts';
import type { ControlAnswer } from '../ipc/control-messages.ts';
import { Refusal } from '../refusal.ts';
import { messageOf } from '../message-of.ts';

export async function restoreByCode(code: string, environment: Environment): Promise<ControlAnswer> {
  const path = controlPath(environment);
  let said: string;
  try {
    said = await askEnforcer(path, { type: 'break-glass', code });
  } catch (error) {
    throw new Refusal(
      `The enforcer does not answer at ${path}: ${messageOf(error)}. Run this as root, and start the enforcer if it is not running: systemctl start cordon-enforcer`,
    );
  }
  const answer = decodeControlAnswer(said);
  if (!answer) throw new Refusal('The enforcer gave no answer; nothing is known of the code. See: cordon-agent status');
  return answer;
}
