/**
 * Seals on wishes: a wish in the database counts only with a seal that nobody makes without the master key.
 *
 * Orders are made from rows. Without a seal, whoever can write a row could have this server sign the order to isolate
 * or restore anybody.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Vault } from '../secrets/sealing.ts';
import type { Fact } from '../audit/audit.ts';
import type { SealedWish, Wish } from './rows.ts';

export class WishSeal {
  readonly #key: Buffer;

  constructor(vault: Vault) {
    this.#key = vault.derive('wishes');
  }

  /** Base64, over everything that an order says of this agent. */
  of(wish: Wish): string {
    const text = JSON.stringify([
      wish.entity_id.toLowerCase(),
      wish.enrolment,
      wish.server_id,
      wish.wanted_isolation,
      wish.wanted_installed,
      wish.wanted_epoch,
      wish.wanted_at,
      wish.wanted_deadline,
      wish.wanted_profile,
      wish.wanted_message,
      wish.wanted_approvals,
      // Seals from before there were groups stay good.
      ...(wish.group_name === 'default' ? [] : [wish.group_name]),
    ]);
    return createHmac('sha256', this.#key).update(text).digest('base64');
  }

  /** Whether the wish is as Cordon wrote it. */
  fits(wish: SealedWish): boolean {
    const [expected, given] = [Buffer.from(this.of(wish)), Buffer.from(wish.wish_seal)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

/** For the audit: a row of this agent was changed by somebody who has the database and not the master key. */
export function forgedFact(wish: SealedWish): Fact {
  const detail =
    'The wish in the database does not fit its seal: it was changed outside of Cordon, and is not followed.';
  return { act: 'wish-forged', target: wish.entity_id, agents: [wish.number], outcome: 'refused', detail };
}
