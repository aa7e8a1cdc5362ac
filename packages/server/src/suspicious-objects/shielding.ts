/** The shield at work: gathers what is known of an object, and asks twice where there is doubt. */
import { createHash } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import type { Prevalence, ShieldReason } from '@cordon/protocol/console';
import type { Actor } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { findObject } from './queries.ts';
import { askedBefore, forgetAsk } from './shield-queries.ts';
import { shieldReasons } from './shield.ts';
import type { Shielded } from './shield.ts';
import type { Sightings } from './sightings.ts';

export interface ShieldingParts {
  readonly database: Database;
  readonly now: () => number;
  readonly sightings: Sightings;
  /** Addresses and names at which agents and people reach Cordon, of all nodes. */
  readonly own: () => readonly string[];
  /** False lists whatever is asked for, like the API that this one follows. */
  readonly enabled: boolean;
}

/** What the shield says, and who holds the file. */
export interface Checked {
  readonly shield: ShieldReason[];
  readonly prevalence: Prevalence | null;
}

/** How long the first of two requests is remembered. */
const window = 600_000;

export class Shielding {
  readonly #parts: ShieldingParts;

  constructor(parts: ShieldingParts) {
    this.#parts = parts;
  }

  async check(object: Shielded): Promise<Checked> {
    const isFile = object.type === 'file' || object.type === 'file_sha1';
    const listed = await findObject(this.#parts.database.read, object.type, object.content);
    const prevalence = isFile ? await this.#parts.sightings.prevalence(object.content, listed?.revision ?? null) : null;
    if (!this.#parts.enabled) return { shield: [], prevalence };
    return { shield: shieldReasons(object, { own: this.#parts.own(), prevalence }), prevalence };
  }

  /**
   * For clients that know no way of saying "yes, really": the same request, sent again within ten minutes, says it.
   * Returns whether it was confirmed, now or before; false also when there was nothing to confirm.
   */
  async passApplication(actor: Actor, object: Shielded): Promise<boolean> {
    if (!this.#parts.enabled) return false;
    const { shield } = await this.check(object);
    const forGood = shield.find((one) => !one.mayConfirm);
    if (forGood !== undefined) throw refused(forGood);
    if (shield.length === 0) return false;
    const listed = await findObject(this.#parts.database.read, object.type, object.content);
    if (listed?.confirmed === 1) return true;
    if (await this.#askedBefore(actor, object)) return true;
    const why = shield.map((one) => one.sentence).join(' ');
    throw new Refusal('shield-asks', `${why} Send the same request again within 10 minutes to list it anyway.`);
  }

  #askedBefore(actor: Actor, { type, content, scanAction }: Shielded): Promise<boolean> {
    const now = this.#parts.now();
    const digest = createHash('sha256')
      .update(JSON.stringify([actor.name, type, content, scanAction]))
      .digest('hex');
    return this.#parts.database.write(async (tx) => {
      const again = await askedBefore(tx, digest, { since: now - window, now });
      if (again) await forgetAsk(tx, digest);
      return again;
    });
  }
}

function refused({ rule, sentence }: ShieldReason): Refusal {
  return new Refusal(rule === 'empty-file' ? 'file-unusable' : 'shield-refuses', `${sentence} It cannot be listed.`);
}
