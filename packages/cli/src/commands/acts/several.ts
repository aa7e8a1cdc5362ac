/** Acts on several agents named on one command line: one request, checked by the guard once. */
import { looksLikeEntityId } from '@cordon/sdk/automation';
import type { ConsoleClient } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { apiClient, consoleClient } from '../../connection/connection.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted, printable } from '../../text/text.ts';
import { allMatches, forPrograms, guardText, leftOutText } from './console-act.ts';
import type { ConsoleAct } from './console-act.ts';
import { finish, words } from './finish.ts';
import { nobody } from './matches.ts';
import { targetTable } from '../selection/agent-table.ts';
import { termsSummary } from './terms.ts';
import type { Terms } from './terms.ts';
import { waits } from './through-console.ts';

export interface SeveralAgents {
  readonly act: ConsoleAct;
  readonly names: readonly string[];
  readonly terms: Terms | undefined;
  readonly timeoutSeconds: number;
}

export async function performOnSeveral(call: Invocation, asked: SeveralAgents): Promise<ExitCode> {
  const { act, names, terms = {}, timeoutSeconds } = asked;
  const person = await consoleClient(call, 'Naming several agents');
  const client = call.flag('wait') ? await apiClient(call) : undefined;
  const entityIds: string[] = [];
  for (const name of names) entityIds.push(await entityIdOf(person, name));
  const request = { act, selector: { entityIds }, allowMultiple: true, ...terms };
  const before = await person.acts.preview(request);
  if (before.affected.length === 0) {
    throw nobody(
      act,
      before.leftOut.map((one) => one.hostName),
    );
  }
  const table = targetTable(before.affected, call.world.out) + leftOutText(before);
  const agents = `${counted(before.affected.length, 'agent')}${printable(termsSummary(terms))}:\n${table}`;
  if (call.flag('dryRun')) {
    const guard =
      before.guard.length === 0 ? 'The guard allows it.\n' : `The guard would require approval:\n${guardText(before)}`;
    call.tell({ act, dryRun: true, ...forPrograms(before) }, `Would ${act} ${agents}${guard}Nothing was done.\n`);
    return exitCodes.done;
  }
  call.say(`${words[act].doing} ${agents}`);
  if (act === 'uninstall') await confirm(call, `Remove these ${before.affected.length} agents permanently?`);
  const outcome = await person.acts.perform(request);
  const told = forPrograms(outcome);
  if (outcome.approval !== null) return waits(call, { act, outcome, approval: outcome.approval, told });
  return finish(call, act, { client, told, ids: outcome.affected.map((one) => one.agent), timeoutSeconds });
}

/** Resolves one name by previewing a harmless action, which needs only a console session. */
async function entityIdOf(person: ConsoleClient, name: string): Promise<string> {
  if (looksLikeEntityId(name)) return name;
  const [match, ...others] = allMatches(await person.acts.preview({ act: 'release', selector: { hostName: name } }));
  if (match === undefined) {
    throw new CommandError(exitCodes.nothingMatched, `No agent with host name "${name}".`, 'Run "cordon agents list".');
  }
  if (others.length === 0) return match.agent;
  const ids = [match, ...others].map(({ agent }) => agent).join(', ');
  throw usage(`${others.length + 1} agents have the name "${name}".`, `Name one by its entity ID: ${ids}.`);
}
