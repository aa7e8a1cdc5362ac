/**
 * Decides whether an order that is genuine may be carried out on this very endpoint.
 *
 * Even the server can be wrong, or in wrong hands. A protected endpoint (a domain controller, a database) is isolated
 * by two persons only; and no endpoint is isolated and restored without end. To restore is never refused.
 */
import type { VerifiedState } from './verify.ts';

const approvalsNeeded = 2;
const window = 3_600_000;
/**
 * One a second for a whole hour. A playbook that isolates and restores one endpoint again and again must pass, and so
 * must somebody who tries Cordon out with a script; an order that flaps without end must not.
 */
export const changesAllowed = 3600;

export interface Circumstances {
  /** The order followed so far. */
  readonly before: VerifiedState | undefined;
  readonly isProtected: boolean;
  /** How often orders have isolated or restored this endpoint, and how often they may. */
  readonly changes: { readonly allowed: number; recent(now: number): number };
  readonly now: number;
}

/** A sentence that says why this order is not carried out; undefined when it is. */
export function objectionTo({ desired, policy }: VerifiedState, circumstances: Circumstances): string | undefined {
  const approvals = desired.approvals ?? 1;
  if (policy.isolation === 'normal' || approvals >= approvalsNeeded) return undefined;
  const { before, isProtected, changes, now } = circumstances;
  if (isProtected) {
    return `Not isolated: this endpoint is protected and wants the approval of ${approvalsNeeded} persons; this order has ${approvals}. Have it approved, or take the protection away at the endpoint.`;
  }
  const recent = changes.recent(now);
  if (before?.policy.isolation === 'isolated' || recent < changes.allowed) return undefined;
  return `Not isolated: this endpoint was isolated or restored ${recent} times within the last hour, and allows ${changes.allowed}. Have it approved by ${approvalsNeeded} persons, or wait.`;
}

/** Those that count. A change in the future was written before the clock was set back, and counts. */
export function recentOf(changes: readonly number[], now: number): number[] {
  return changes.filter((at) => at > now - window);
}
