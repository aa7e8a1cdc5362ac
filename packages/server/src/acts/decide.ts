/** What an act does to the agents that match: decided from data alone, performed elsewhere. */
import { Refusal } from '@cordon/protocol/automation';
import type { Act } from '@cordon/protocol/automation';
import { isolationOf } from '../agents/isolation.ts';
import type { IsolationFacts } from '../agents/isolation.ts';

/** An agent as far as a decision needs it. */
export interface Candidate extends IsolationFacts {
  readonly number: number;
  readonly desired_installed: 0 | 1;
  readonly desired_deadline: number | null;
  readonly desired_profile: string | null;
  readonly desired_message: string | null;
}

/** How an isolation is to be, where its asker said so. An isolation that says nothing leaves a standing one as it is. */
export interface Terms {
  readonly desired_deadline?: number | null;
  readonly desired_profile?: string | null;
  readonly desired_message?: string | null;
}

/** One act, parsed. */
export interface Order {
  readonly act: Act;
  readonly allowMultiple: boolean;
  readonly terms?: Terms;
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
  return matches.filter((agent) => agent.can_isolate === 1).map((agent) => decideOne(order, agent));
}

/** What the act means for one agent that can be commanded. */
function decideOne<Agent extends Candidate>(order: Order, agent: Agent): Decision<Agent> {
  switch (order.act) {
    case 'isolate': {
      const changes = agent.desired_isolation !== 'isolated' || otherTerms(order.terms ?? {}, agent);
      return { agent, changes, held: isolationOf(agent) === 'isolated' };
    }
    case 'release':
      return { agent, changes: agent.desired_isolation !== 'normal', held: isolationOf(agent) === 'normal' };
    case 'relocate':
      return { agent, changes: true, held: false };
    case 'uninstall':
      return { agent, changes: agent.desired_installed === 1, held: false };
  }
}

function otherTerms(terms: Terms, agent: Candidate): boolean {
  return (
    (terms.desired_deadline !== undefined && terms.desired_deadline !== agent.desired_deadline) ||
    (terms.desired_profile !== undefined && terms.desired_profile !== agent.desired_profile) ||
    (terms.desired_message !== undefined && terms.desired_message !== agent.desired_message)
  );
}
