/** Acts through the console API: only it knows deadlines, profiles, messages, reasons and several agents at once. */
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import type { Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { apiClient, consoleClient } from '../../connection/connection.ts';
import { counted, printable } from '../../text/text.ts';
import { targetTable } from '../selection/agent-table.ts';
import { allMatches } from '../selection/selection.ts';
import { finish, words } from './finish.ts';
import { judgeMatches, noneAble } from './matches.ts';
import { termsSummary } from './terms.ts';

export interface ConsoleAct {
  readonly request: ActRequest;
  readonly timeoutSeconds: number;
  /** What needs the console, for the message to those who are not signed in. */
  readonly what?: string | undefined;
}

/** Shows what the server would do, then does it unless this is a dry run. */
export async function performThroughConsole(call: Invocation, asked: ConsoleAct): Promise<ExitCode> {
  const { request, timeoutSeconds, what } = asked;
  const { act } = request;
  const isDryRun = call.flag('dryRun');
  const person = await consoleClient(call, what);
  // Following uses the Automation API's list; a missing setup should be reported before the action.
  const client = call.flag('wait') && !isDryRun ? await apiClient(call) : undefined;
  const before = await person.acts.preview(request);
  const matches = allMatches(before);
  judgeMatches(call, request, { count: matches.length, table: targetTable(matches, call.world.out) });
  if (before.affected.length === 0) throw noneAble(act, before.leftOut);
  const agents = `${counted(before.affected.length, 'agent')}${printable(termsSummary(request))}:\n`;
  const list = agents + targetTable(before.affected, call.world.out) + missedText(before);
  if (isDryRun) {
    const text = `Would ${act} ${list}${guardText(before)}Nothing was done.\n`;
    call.print({ act, dryRun: true, ...forPrograms(before) }, text);
    return exitCodes.done;
  }
  call.say(`${words[act].doing} ${list}`);
  if (act === 'uninstall') await confirmUninstall(call, before.affected.length);
  const outcome = await person.acts.perform(request);
  const facts = forPrograms(outcome);
  if (outcome.approval !== null) {
    const { approval } = outcome;
    const next = `  cordon approvals approve ${approval}\n\nor "cordon approvals reject ${approval}".\n`;
    const text = `Approval required:\n${reasonsText(outcome)}Nothing was done. A second person can approve it (approval ${approval}):\n\n${next}`;
    call.print({ act, ...facts, reached: null }, text);
    return exitCodes.waitsForApproval;
  }
  const ids = outcome.affected.map(({ agent }) => agent);
  return finish(call, act, { client, facts, ids, timeoutSeconds, isWhole: isWhole(outcome) });
}

export async function confirmUninstall(call: Invocation, count: number): Promise<void> {
  const agents = count === 1 ? 'this agent from the endpoint' : `these ${count} agents from their endpoints`;
  await confirm(call, `Uninstall ${agents}?`);
}

/** Uses the field names of the Automation API, so that a program reads both in the same way. */
export function forPrograms(outcome: ActOutcome): Readonly<Record<string, unknown>> {
  const { affected, leftOut, notFound, guard, approval } = outcome;
  return {
    agents: affected.map(({ agent, hostName, isolation }) => ({ entityId: agent, hostName, isolation })),
    leftOut: leftOut.map(({ agent, hostName, why }) => ({ entityId: agent, hostName, why })),
    notFound,
    guard,
    approval,
  };
}

/** Whether every agent that was named or matched is affected. */
export function isWhole({ leftOut, notFound }: ActOutcome): boolean {
  return leftOut.length === 0 && notFound.length === 0;
}

/** The agents that were skipped, and the IDs that no agent has; empty if there are none. */
export function missedText({ leftOut, notFound }: ActOutcome): string {
  const skipped = leftOut.map((one) => `Skipped: ${printable(one.hostName)}. ${printable(one.why)}\n`).join('');
  if (notFound.length === 0) return skipped;
  return `${skipped}Not found: ${counted(notFound.length, 'entity ID')}: ${printable(notFound.join(', '))}.\n`;
}

function guardText(outcome: ActOutcome): string {
  return outcome.guard.length === 0
    ? 'No approval is needed.\n'
    : `Approval would be required:\n${reasonsText(outcome)}`;
}

function reasonsText({ guard }: ActOutcome): string {
  return guard.map(({ message }) => `  ${printable(message)}\n`).join('');
}
