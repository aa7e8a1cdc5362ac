/** The shield at work: gathers what is known of an object, and asks twice where there is doubt. */
import { createHash } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import type { Prevalence, ListingSafetyReason } from '@cordon/protocol/console';
import type { Actor } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { findObject } from '../suspicious-objects/list.ts';
import { askedBefore, forgetAsk } from './queries.ts';
import { shieldReasons } from './rules.ts';
import type { Shielded } from './rules.ts';
import type { Sightings } from './prevalence.ts';

export interface ShieldingDeps {
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
  readonly shield: ListingSafetyReason[];
  readonly prevalence: Prevalence | null;
}

/** How long the first of two requests is remembered. */
const window = 600_000;

export class Shielding {
  readonly #deps: ShieldingDeps;

  constructor(deps: ShieldingDeps) {
    this.#deps = deps;
  }

  async check(object: Shielded): Promise<Checked> {
    const isFile = object.type === 'file' || object.type === 'file_sha1';
    const listed = await findObject(this.#deps.database.read, object.type, object.content);
    const prevalence = isFile ? await this.#deps.sightings.prevalence(object.content, listed?.revision ?? null) : null;
    if (!this.#deps.enabled) return { shield: [], prevalence };
    return { shield: shieldReasons(object, { own: this.#deps.own(), prevalence }), prevalence };
  }

  /**
   * For clients that know no way of saying "yes, really": the same request, sent again within ten minutes, says it.
   * Returns whether it was confirmed, now or before; false also when there was nothing to confirm.
   */
  async passApplication(actor: Actor, object: Shielded): Promise<boolean> {
    if (!this.#deps.enabled) return false;
    const { shield } = await this.check(object);
    const forGood = shield.find((one) => !one.mayConfirm);
    if (forGood !== undefined) throw refused(forGood);
    if (shield.length === 0) return false;
    const listed = await findObject(this.#deps.database.read, object.type, object.content);
    if (listed?.confirmed === 1) return true;
    if (await this.#askedBefore(actor, object)) return true;
    const why = shield.map((one) => one.message).join(' ');
    throw new Refusal('shield-asks', `${why} Send the same request again within 10 minutes to list it anyway.`);
  }

  #askedBefore(actor: Actor, { type, content, scanAction }: Shielded): Promise<boolean> {
    const now = this.#deps.now();
    const digest = createHash('sha256')
      .update(JSON.stringify([actor.name, type, content, scanAction]))
      .digest('hex');
    return this.#deps.database.write(async (tx) => {
      const again = await askedBefore(tx, digest, { since: now - window, now });
      if (again) await forgetAsk(tx, digest);
      return again;
    });
  }
}

function refused({ rule, message }: ListingSafetyReason): Refusal {
  return new Refusal(rule === 'empty-file' ? 'file-unusable' : 'shield-refuses', `${message} It cannot be listed.`);
}
