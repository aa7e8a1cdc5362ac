/** Finds the one agent that a host name or entity ID means. */
import { looksLikeEntityId } from '@cordon/sdk/automation';
import type { ConsoleClient } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import { allMatches } from './selection.ts';

/** The agent that the command line names; undefined if it names none. */
export async function agentFrom(call: Invocation, client: ConsoleClient): Promise<string | undefined> {
  const name = call.word('who');
  return name === '' ? undefined : entityIdOf(client, name);
}

/** Found by previewing a harmless action, which needs only a console session. */
export async function entityIdOf(client: ConsoleClient, name: string): Promise<string> {
  if (looksLikeEntityId(name)) return name;
  const [match, ...others] = allMatches(await client.acts.preview({ act: 'release', selector: { hostName: name } }));
  if (match === undefined) {
    throw new CommandError(exitCodes.nothingMatched, `No agent with host name "${name}".`, 'Run "cordon agents list".');
  }
  if (others.length === 0) return match.agent;
  const ids = [match, ...others].map(({ agent }) => agent).join(', ');
  throw usage(`${others.length + 1} agents have the name "${name}".`, `Name one by its entity ID: ${ids}.`);
}
