/** Isolates through the console API; only it supports deadlines, profiles, messages and reasons. */
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import type { AgentSelector } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { apiClient, consoleClient } from '../../connection/connection.ts';
import { exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted, printable } from '../../text/text.ts';
import { allMatches, forPrograms, guardText, leftOutText, requestFor } from './console-act.ts';
import { finish } from './finish.ts';
import { judgeMatches, nobody } from './matches.ts';
import { targetTable } from '../selection/agent-table.ts';
import { termsSummary } from './terms.ts';
import type { Terms } from './terms.ts';

interface Isolation {
  readonly selector: AgentSelector;
  readonly terms: Terms;
  readonly timeoutSeconds: number;
}

export async function isolateThroughConsole(call: Invocation, isolation: Isolation): Promise<ExitCode> {
  const { selector, terms, timeoutSeconds } = isolation;
  const person = await consoleClient(call, '--for, --profile, --message and --reason');
  // Following uses the Automation API's list; a missing setup should be reported before the action.
  const client = call.flag('wait') ? await apiClient(call) : undefined;
  const request = requestFor(call, { act: 'isolate', selector, terms });
  const before = await person.acts.preview(request);
  const matches = allMatches(before);
  judgeMatches(call, { selector, count: matches.length, table: targetTable(matches, call.world.out) });
  const leftOut = before.leftOut.map((one) => one.hostName);
  if (before.affected.length === 0) throw nobody('isolate', leftOut);
  const head = `Isolating ${counted(before.affected.length, 'agent')}${printable(termsSummary(terms))}:\n`;
  call.say(head + targetTable(before.affected, call.world.out) + leftOutText(before));
  const outcome = await person.acts.perform(request);
  const told = forPrograms(outcome);
  if (outcome.approval !== null) return waits(call, { act: 'isolate', outcome, approval: outcome.approval, told });
  return finish(call, 'isolate', { client, told, ids: outcome.affected.map((one) => one.agent), timeoutSeconds });
}

interface Held {
  readonly act: ActRequest['act'];
  readonly outcome: ActOutcome;
  readonly approval: number;
  readonly told: Readonly<Record<string, unknown>>;
}

/** Says that the guard holds the action, and who may approve it. */
export function waits(call: Invocation, { act, outcome, approval, told }: Held): ExitCode {
  call.tell(
    { act, ...told, reached: null },
    `Approval required:\n${guardText(outcome)}` +
      `Nothing was done. A second person can approve it (approval ${approval}):\n\n` +
      `  cordon approvals approve ${approval}\n\nor "cordon approvals reject ${approval}".\n`,
  );
  return exitCodes.waitsForApproval;
}
