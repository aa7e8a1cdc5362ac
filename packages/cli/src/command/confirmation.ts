/** Confirms what cannot be undone. */
import { RefusedError } from '@cordon/sdk/automation';
import type { Invocation } from './command.ts';
import { CommandError, exitCodes, usage } from './failure.ts';
import { printable } from '../text/text.ts';

/** Returns if `--yes` was given or the person confirms; throws otherwise. */
export async function confirm(call: Invocation, question: string): Promise<void> {
  if (call.flag('yes')) return;
  if (!call.world.input.isTerminal) throw usage('Confirmation required.', 'Pass --yes.');
  const answer = await call.world.input.ask(`${question} Type yes: `);
  if (answer.trim().toLowerCase() === 'yes') return;
  throw new CommandError(exitCodes.failed, 'Nothing was done.', '');
}

/** Runs `act`. If a listed object would quarantine the files again, confirms that first and repeats it. */
export async function askedTwice<Result>(
  call: Invocation,
  act: (confirmed: { confirmed?: true }) => Promise<Result>,
): Promise<Result> {
  try {
    return await act({});
  } catch (error) {
    if (!(error instanceof RefusedError) || error.word !== 'still-listed') throw error;
    const why = printable(error.serverMessage.replace(/ Say "confirmed".*$/, ''));
    if (call.flag('yes')) call.say(`${why}\n`);
    await confirm(call, `${why} Go on?`);
    return act({ confirmed: true });
  }
}
