/** What an act does to the agents that match: decided from data alone, performed elsewhere. */
import { Refusal } from '@cordon/protocol/automation';
import type { Act } from '@cordon/protocol/automation';
import { isolationOf } from './isolation.ts';
import type { IsolationFacts } from './isolation.ts';

/** An agent as far as a decision needs it. */
export interface Candidate extends IsolationFacts {
  readonly number: number;
  readonly wanted_installed: 0 | 1;
}

/** One act, parsed. */
export interface Order {
  readonly act: Act;
  readonly allowMultiple: boolean;
}

/** What is to be done to one agent. */
export interface Decision<Agent extends Candidate> {
  readonly agent: Agent;
  /** False when the agent is wanted so already: the command is recorded, nothing else changes. */
  readonly changes: boolean;
  /** Whether the wish is held already, so that the command is done as it is recorded. */
  readonly held: boolean;
}

/**
 * Refuses with `several-match` when more agents match than were allowed; agents that cannot be commanded count too,
 * because the caller meant one of them. Those are then left out of the answer (contract 3.2).
 */
export function decide<Agent extends Candidate>(order: Order, matches: readonly Agent[]): Decision<Agent>[] {
  if (matches.length > 1 && !order.allowMultiple) {
    throw new Refusal(
      'several-match',
      `${matches.length} agents match and allow_multiple_match is false, so nothing was done. ` +
        'Select one agent more exactly, or allow several.',
    );
  }
  return matches.filter((agent) => agent.can_isolate === 1).map((agent) => decideOne(order.act, agent));
}

function decideOne<Agent extends Candidate>(act: Act, agent: Agent): Decision<Agent> {
  switch (act) {
    case 'isolate':
      return { agent, changes: agent.wanted_isolation !== 'isolated', held: isolationOf(agent) === 'isolated' };
    case 'restore':
      return { agent, changes: agent.wanted_isolation !== 'normal', held: isolationOf(agent) === 'normal' };
    case 'relocate':
      return { agent, changes: true, held: false };
    case 'uninstall':
      return { agent, changes: agent.wanted_installed === 1, held: false };
  }
}
