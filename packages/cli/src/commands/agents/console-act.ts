/** Acts as the console API takes them, and the words about what it answers. */
import type { ActOutcome, ActRequest, ActSelector } from '@cordon/protocol/console';
import type { AgentSelector } from '@cordon/sdk';
import type { Invocation } from '../../command.ts';
import { printable } from '../../text.ts';
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

/** With the names that agents of the Automation API have, so that a program reads both alike. */
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

/** A line for each; empty when nobody was. */
export function leftOutText({ leftOut }: ActOutcome): string {
  return leftOut.map((one) => `Left out: ${printable(one.hostName)}. ${printable(one.why)}\n`).join('');
}

/** The guard's sentences, a line each. */
export function guardText({ guard }: ActOutcome): string {
  return guard.map(({ message }) => `  ${printable(message)}\n`).join('');
}
