/** What an act does to the agents that match: decided from data alone, performed elsewhere. */
import { Refusal } from '@cordon/protocol/automation';
import { rulesOf } from '../act-table/act-table.ts';
import type { DesiredNow } from '../act-table/act-table.ts';
import { isolationOf } from '../agents/isolation.ts';
import type { IsolationFacts } from '../agents/isolation.ts';
import type { ActCommand } from './requests.ts';

/** An agent as far as a decision needs it. */
export interface Candidate extends IsolationFacts, DesiredNow {
  readonly number: number;
}

/** What is to be done to one agent. */
export interface Decision<Agent extends Candidate> {
  readonly agent: Agent;
  /** False when its desired state is so already: the command is recorded, nothing else changes. */
  readonly changes: boolean;
  /** Whether the agent has proved it already, so that the command is done as it is recorded. */
  readonly held: boolean;
}

/**
 * Refuses with `several-match` when more agents match than were allowed; agents that cannot be commanded count too,
 * because the caller meant one of them. Those are then left out of the answer (contract 3.2).
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
