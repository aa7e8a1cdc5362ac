/** What an act answers and leaves in the audit: its outcome, and the refusal of one that waits. */
import { Refusal } from '@cordon/protocol/automation';
import type { ActOutcome, GuardReason } from '@cordon/protocol/console';
import { isolationOf } from '../agents/isolation.ts';
import { agentName } from '../agents/rows.ts';
import type { AgentRow } from '../agents/rows.ts';
import type { Selector } from '../agents/selector.ts';
import type { Decision } from './decide.ts';

/** The outcome of an act. */
export interface Result {
  readonly selector: Selector;
  readonly decisions: readonly Decision<AgentRow>[];
  readonly matches: readonly AgentRow[];
  readonly reasons: readonly GuardReason[];
  /** The approval it waits for; null when it was performed. */
  readonly approval: number | null;
}

/** Agents named individually in one audit line; the rest are given as a number. */
export const namedInAudit = 20;

/** A selector for the audit: an act is for a thousand IDs at most, and the line names its agents anyway. */
export function audited({ entityIds, ...rest }: Selector): object {
  return entityIds === undefined ? rest : { ...rest, entityIds: entityIds.length };
}

export function heldRefusal(approval: number, reasons: readonly GuardReason[]): Refusal {
  const isProtected = reasons.every((one) => one.rule === 'protected');
  const why = reasons.map((one) => one.message).join(' ');
  return new Refusal(
    isProtected ? 'guard-protected' : 'guard-too-many',
    `${why} Nothing was changed. A second person can approve this: "cordon approvals approve ${approval}".`,
  );
}

export function outcomeOf(result: Result): ActOutcome {
  const taken = new Set(result.decisions.map((one) => one.agent.number));
  const left = result.matches.filter((agent) => !taken.has(agent.number));
  const matched = new Set(result.matches.map((agent) => agent.entity_id));
  return {
    affected: result.decisions.map(({ agent }) => target(agent)),
    leftOut: left.map((agent) => ({ agent: agent.entity_id, hostName: agent.host_name, why: cannot })),
    notFound: (result.selector.entityIds ?? []).filter((id) => !matched.has(id)),
    guard: [...result.reasons],
    approval: result.approval,
  };
}

const cannot = 'This agent cannot isolate its endpoint: it has no root privileges or no nf_tables.';

function target(agent: AgentRow): ActOutcome['affected'][number] {
  return { agent: agent.entity_id, hostName: agent.host_name, isolation: isolationOf(agent) };
}

export function targets(decisions: readonly Decision<AgentRow>[]): string {
  const names = decisions.slice(0, namedInAudit).map((one) => agentName(one.agent));
  const rest = decisions.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}
