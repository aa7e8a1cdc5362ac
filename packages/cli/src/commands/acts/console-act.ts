/** Actions in the console API's form, and texts about its answers. */
import type { ActOutcome, ActRequest, ActSelector } from '@cordon/protocol/console';
import type { AgentSelector } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { printable } from '../../text/text.ts';
import type { Terms } from './terms.ts';

export type ConsoleAct = ActRequest['act'];

export interface Asked {
  readonly act: ConsoleAct;
  readonly selector: AgentSelector;
  readonly terms: Terms | undefined;
}

export function requestFor(call: Invocation, { act, selector, terms }: Asked): ActRequest {
  return { act, selector: given(selector), allowMultiple: call.flag('multiple'), ...terms };
}

export function given(selector: AgentSelector): ActSelector {
  const parts = Object.entries(selector).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(parts);
}

/** Uses the field names of the Automation API, so that a program reads both in the same way. */
export function forPrograms({ affected, leftOut, guard, approval }: ActOutcome): Readonly<Record<string, unknown>> {
  return {
    agents: affected.map(({ agent, hostName, isolation }) => ({ entityId: agent, hostName, isolation })),
    leftOut: leftOut.map(({ agent, hostName, why }) => ({ entityId: agent, hostName, why })),
    guard,
    approval,
  };
}

/** Everything that matches the selector. */
export function allMatches({ affected, leftOut }: ActOutcome): { agent: string; hostName: string }[] {
  return [...affected, ...leftOut];
}

/** One line each; empty if none was left out. */
export function leftOutText({ leftOut }: ActOutcome): string {
  return leftOut.map((one) => `Left out: ${printable(one.hostName)}. ${printable(one.why)}\n`).join('');
}

/** The guard's messages, one per line. */
export function guardText({ guard }: ActOutcome): string {
  return guard.map(({ message }) => `  ${printable(message)}\n`).join('');
}
