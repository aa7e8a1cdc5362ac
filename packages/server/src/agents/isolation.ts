/** The state of an endpoint's isolation, derived here and nowhere else. */
import type { Isolation } from '@cordon/protocol/automation';

/** The columns that decide it. */
export interface IsolationFacts {
  readonly can_isolate: 0 | 1;
  readonly desired_isolation: 'normal' | 'isolated';
  /** The epoch at which the desired isolation last changed. */
  readonly isolation_epoch: number;
  readonly reported_isolation: 'normal' | 'isolated' | 'unproven';
  readonly reported_epoch: number;
}

/**
 * `isolated` and `normal` only when the agent has reported exactly that, with proof, for the current desired state or a
 * later epoch. An older report says nothing about it.
 */
export function isolationOf(facts: IsolationFacts): Isolation {
  if (facts.can_isolate === 0) return 'unsupported';
  const held = facts.reported_epoch >= facts.isolation_epoch && facts.reported_isolation === facts.desired_isolation;
  if (facts.desired_isolation === 'isolated') return held ? 'isolated' : 'isolating';
  return held ? 'normal' : 'releasing';
}
