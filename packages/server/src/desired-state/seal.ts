/**
 * Seals desired states: a row counts only with a seal made with the master key.
 *
 * Signed documents are made from rows. Without a seal, anybody who can write a row could make this server sign the
 * isolation or release of any endpoint.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Sealer } from '../secrets/sealing.ts';
import type { Fact } from '../audit/audit.ts';
import type { SealedDesiredState, DesiredRow } from '../database/rows.ts';

export class DesiredStateSeal {
  readonly #key: Buffer;

  constructor(sealer: Sealer) {
    this.#key = sealer.derive('desired-states');
  }

  /** Base64, over everything the document says about this agent. */
  of(desired: DesiredRow): string {
    const text = JSON.stringify([
      desired.entity_id.toLowerCase(),
      desired.enrolment,
      desired.server_id,
      desired.desired_isolation,
      desired.desired_installed,
      desired.desired_epoch,
      desired.desired_at,
      desired.desired_deadline,
      desired.desired_profile,
      desired.desired_message,
      desired.desired_approvals,
      // Seals from before groups existed stay valid.
      ...(desired.group_name === 'default' ? [] : [desired.group_name]),
    ]);
    return createHmac('sha256', this.#key).update(text).digest('base64');
  }

  /** Whether the row is as Cordon wrote it. */
  fits(desired: SealedDesiredState): boolean {
    const [expected, given] = [Buffer.from(this.of(desired)), Buffer.from(desired.desired_seal)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

/**
 * For the audit: a row of this agent was changed by somebody with access to the database but without the master key.
 */
export function forgedFact(desired: SealedDesiredState): Fact {
  const detail =
    'The desired state in the database does not match its seal: it was changed outside Cordon and is not applied.';
  return {
    act: 'desired-state-forged',
    target: desired.entity_id,
    agents: [desired.number],
    outcome: 'refused',
    detail,
  };
}
