/** Finds the one agent that a host name or entity ID means. */
import type { ConsoleClient } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import { allMatches, given } from '../acts/console-act.ts';
import { queryFrom, querySummary } from './selection.ts';

/** Returns its entity ID. Found by previewing a harmless action, which needs only a console session. */
export async function onlyMatch(call: Invocation, client: ConsoleClient): Promise<string> {
  const query = queryFrom(call);
  if (query.entityId !== undefined) return query.entityId;
  const matches = allMatches(await client.acts.preview({ act: 'release', selector: given(query) }));
  const [match, ...others] = matches;
  if (match === undefined) {
    throw new CommandError(exitCodes.nothingMatched, `No agent${querySummary(query)}.`, 'Run "cordon agents list".');
  }
  if (others.length === 0) return match.agent;
  const ids = matches.map(({ agent }) => agent).join(', ');
  throw usage(`${matches.length} agents have that name.`, `Name one by its entity ID: ${ids}.`);
}
