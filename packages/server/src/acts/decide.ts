/** Decides what an act does to the agents that match: pure. */
import { Refusal } from '@cordon/protocol/automation';
import { rulesOf } from '../act-table/act-table.ts';
import type { DesiredNow } from '../act-table/act-table.ts';
import { isolationOf } from '../agents/isolation.ts';
import type { IsolationFacts } from '../agents/isolation.ts';
import type { ActCommand } from './requests.ts';

/** An agent, as far as a decision needs it. */
export interface Candidate extends IsolationFacts, DesiredNow {
  readonly number: number;
}

/** What to do to one agent. */
export interface Decision<Agent extends Candidate> {
  readonly agent: Agent;
  /** False when the desired state already says so: the command is recorded, nothing else changes. */
  readonly changes: boolean;
  /** Whether the agent has already proved it, so the command is recorded as done. */
  readonly held: boolean;
}

/**
 * Refuses with `several-match` when more agents match than allowed. Agents that cannot be commanded count too, because
 * the caller meant one of them; the answer then leaves them out (contract 3.2).
 */
export function decide<Agent extends Candidate>(
  { act, allowMultiple, options }: Pick<ActCommand, 'act' | 'allowMultiple' | 'options'>,
  matches: readonly Agent[],
  now: number,
): Decision<Agent>[] {
  if (matches.length > 1 && !allowMultiple) {
    throw new Refusal(
      'several-match',
      `${matches.length} agents match and allow_multiple_match is false, so nothing was done. ` +
        'Select one agent more exactly, or allow several.',
    );
  }
  const { changes, doneWhen } = rulesOf(act);
  return matches
    .filter((agent) => agent.can_isolate === 1)
    .map((agent) => ({ agent, changes: changes(agent, options, now), held: isolationOf(agent) === doneWhen }));
}
