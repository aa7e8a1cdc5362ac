/** Checks which agents match before an action is sent. */
import type { ActRequest } from '@cordon/protocol/console';
import type { Act } from '@cordon/protocol/words';
import type { Invocation } from '../../command/command.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import { querySummary } from '../selection/selection.ts';
import { words } from './finish.ts';

interface Matches {
  readonly count: number;
  /** All of them, as a table. */
  readonly table: string;
}

/** Exactly one, or several if allowed. */
export function judgeMatches(
  call: Invocation,
  { selector, allowMultiple }: Pick<ActRequest, 'selector' | 'allowMultiple'>,
  { count, table }: Matches,
): void {
  if (count === 0) {
    const message = `No agent${querySummary(selector)}.`;
    throw new CommandError(exitCodes.nothingMatched, message, 'Run "cordon agents list" to see them all.');
  }
  if (count === 1 || allowMultiple === true) return;
  call.say(table);
  throw usage(
    `${count} agents match, and nothing was done.`,
    'Name one by --entity-id, or allow several with --multiple.',
  );
}

export function noneAble(act: Act, agents: readonly { readonly hostName: string }[]): CommandError {
  const names = agents.map(({ hostName }) => hostName).join(', ');
  const hint = 'The capabilities in "cordon agents list --json" say what each agent can do.';
  return new CommandError(exitCodes.nothingMatched, `No match can be ${words[act].done}: ${names}.`, hint);
}
