/** Checks which agents match before an action is sent. */
import type { Act } from '@cordon/protocol/words';
import type { AgentSelector } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import { words } from './finish.ts';
import { querySummary } from '../selection/selection.ts';

export interface Matches {
  readonly selector: AgentSelector;
  readonly count: number;
  /** All of them, as a table. */
  readonly table: string;
}

/** Exactly one, or several if allowed. */
export function judgeMatches(call: Invocation, { selector, count, table }: Matches): void {
  if (count === 0) {
    throw new CommandError(
      exitCodes.nothingMatched,
      `No agent${querySummary(selector)}.`,
      'Run "cordon agents list" to see them all.',
    );
  }
  if (count === 1 || call.flag('multiple')) return;
  call.say(table);
  throw usage(
    `${count} agents match, and nothing was done.`,
    'Name one by --entity-id, or allow several with --multiple.',
  );
}

export function nobody(act: Act, names: readonly string[]): CommandError {
  return new CommandError(
    exitCodes.nothingMatched,
    `Nothing that matched can be ${words[act].done}: ${names.join(', ')}.`,
    'The capabilities in "cordon agents list --json" say what each agent can do.',
  );
}
