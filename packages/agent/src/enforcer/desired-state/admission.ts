/**
 * Decides whether a genuine desired state may be applied on this endpoint.
 *
 * Even the server can be wrong, or compromised. Isolating a protected endpoint (a domain controller, a database) takes
 * two people, and no endpoint may flap between isolated and released. A release is never refused.
 */
import type { Problem } from '../../problem.ts';
import type { VerifiedState } from './verify.ts';

const approvalsNeeded = 2;
const windowMs = 3_600_000;
/**
 * One a second for a whole hour. A playbook that isolates and releases one endpoint again and again must pass, and so
 * must a script that tries Cordon out; endless flapping must not.
 */
export const changesAllowed = 3600;

export interface Circumstances {
  /** The desired state followed so far. */
  readonly before: VerifiedState | undefined;
  readonly isProtected: boolean;
  /** How often this endpoint was isolated or released by a desired state, and how often it may be. */
  readonly changes: { readonly allowed: number; recent(now: number): number };
  readonly now: number;
}

/** Why this desired state is not applied. */
export function objectionTo({ desired, policy }: VerifiedState, circumstances: Circumstances): Problem {
  const approvals = desired.approvals ?? 1;
  if (policy.isolation === 'normal' || approvals >= approvalsNeeded) return undefined;
  const { before, isProtected, changes, now } = circumstances;
  if (isProtected) {
    return `Not isolated: this endpoint is protected and needs the approval of ${approvalsNeeded} people; this desired state has ${approvals}. Have it approved, or remove the protection at the endpoint.`;
  }
  const recent = changes.recent(now);
  if (before?.policy.isolation === 'isolated' || recent < changes.allowed) return undefined;
  return `Not isolated: this endpoint was isolated or released ${recent} times within the last hour, and allows ${changes.allowed}. Have it approved by ${approvalsNeeded} people, or wait.`;
}

/** Those that count. A change in the future was recorded before the clock was set back, and counts. */
export function recentOf(changes: readonly number[], now: number): number[] {
  return changes.filter((at) => at > now - windowMs);
}
