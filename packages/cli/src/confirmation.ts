/** Asks before what cannot be undone. */
import type { Invocation } from './command.ts';
import { CommandError, exitCodes, usage } from './failure.ts';

/** Returns when `--yes` was given or a person says yes; throws otherwise. */
export async function confirm(call: Invocation, question: string): Promise<void> {
  if (call.flag('yes')) return;
  if (!call.world.input.isTerminal) throw usage('This asks first, and nobody is there to answer.', 'Add --yes.');
  const answer = await call.world.input.ask(`${question} Type yes: `);
  if (answer.trim().toLowerCase() === 'yes') return;
  throw new CommandError(exitCodes.failed, 'Nothing was done.', '');
}
