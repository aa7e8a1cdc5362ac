/** `--dry-run`: shows which agents an action would affect, and what the guard would say; changes nothing. */
import type { Agent } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { apiClient, consoleClient, hasSession } from '../../connection/connection.ts';
import { exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted, printable } from '../../text/text.ts';
import { allMatches, forPrograms, guardText, leftOutText, requestFor } from './console-act.ts';
import type { Asked } from './console-act.ts';
import { judgeMatches, nobody } from './matches.ts';
import { agentTable, targetTable } from '../selection/agent-table.ts';
import { termsSummary } from './terms.ts';

/** The server's own preview with a console session, else the result of the list. */
export async function preview(call: Invocation, asked: Asked): Promise<ExitCode> {
  const throughConsole = asked.terms !== undefined || (await hasSession(call));
  return throughConsole ? previewOfServer(call, asked) : previewOfList(call, asked);
}

async function previewOfServer(call: Invocation, asked: Asked): Promise<ExitCode> {
  const { act, selector, terms = {} } = asked;
  const outcome = await (await consoleClient(call)).acts.preview(requestFor(call, asked));
  const matches = allMatches(outcome);
  judgeMatches(call, { selector, count: matches.length, table: targetTable(matches, call.world.out) });
  if (outcome.affected.length === 0) throw nobody(act, namesOf(outcome.leftOut));
  const would = `Would ${act} ${counted(outcome.affected.length, 'agent')}${printable(termsSummary(terms))}:\n`;
  const said =
    outcome.guard.length === 0 ? 'The guard allows it.\n' : `The guard would require approval:\n${guardText(outcome)}`;
  const text = would + targetTable(outcome.affected, call.world.out) + leftOutText(outcome) + said;
  call.tell({ act, dryRun: true, ...forPrograms(outcome) }, `${text}Nothing was done.\n`);
  return exitCodes.done;
}

async function previewOfList(call: Invocation, { act, selector }: Asked): Promise<ExitCode> {
  const matches = await (await apiClient(call)).agents.list(selector, { signal: call.world.signal });
  judgeMatches(call, { selector, count: matches.length, table: agentTable(matches, call.world.out) });
  const able = (agent: Agent): boolean => agent.capabilities.includes(act);
  const [affected, leftOut] = [matches.filter(able), matches.filter((agent) => !able(agent))];
  if (affected.length === 0) throw nobody(act, namesOf(leftOut));
  const would = `Would ${act} ${counted(affected.length, 'agent')}:\n${agentTable(affected, call.world.out)}`;
  const names = namesOf(leftOut).map(printable).join(', ');
  const rest = leftOut.length === 0 ? '' : `Skipped, because they do not support it: ${names}.\n`;
  const unsaid = 'Whether approval is needed is not known without a console session.\n';
  call.tell(
    { act, dryRun: true, agents: affected, leftOut, guard: null, approval: null },
    `${would}${rest}${unsaid}Nothing was done.\n`,
  );
  return exitCodes.done;
}

function namesOf(agents: readonly { hostName: string }[]): string[] {
  return agents.map((agent) => agent.hostName);
}
