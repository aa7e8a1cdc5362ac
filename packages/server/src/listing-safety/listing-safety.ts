/** Checks an object before it is listed, and asks for confirmation where there is doubt. */
import { createHash } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import type { Prevalence, ListingSafetyReason } from '@cordon/protocol/console';
import type { Actor } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { findObject } from '../suspicious-objects/table.ts';
import { wasRefusedBefore, deleteRefusal } from './queries.ts';
import { listingSafetyReasons } from './rules.ts';
import type { ListingRequest } from './rules.ts';
import type { PrevalenceRecords } from './prevalence.ts';

export interface ListingSafetyDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly prevalenceRecords: PrevalenceRecords;
  /** Addresses and names at which agents and people reach Cordon, on all nodes. */
  readonly own: () => readonly string[];
  /** False lists every object as requested, like the vendor's API. */
  readonly enabled: boolean;
}

/** Why the object should not be listed, and how common the file is. */
export interface Checked {
  readonly reasons: ListingSafetyReason[];
  readonly prevalence: Prevalence | null;
}

/** How long the first of two requests is remembered. */
const windowMs = 600_000;

export class ListingSafety {
  readonly #deps: ListingSafetyDeps;

  constructor(deps: ListingSafetyDeps) {
    this.#deps = deps;
  }

  async check(object: ListingRequest): Promise<Checked> {
    const isFile = object.type === 'file' || object.type === 'file_sha1';
    const listed = await findObject(this.#deps.database.read, object.type, object.content);
    const prevalence = isFile
      ? await this.#deps.prevalenceRecords.prevalence(object.content, listed?.revision ?? null)
      : null;
    if (!this.#deps.enabled) return { reasons: [], prevalence };
    return { reasons: listingSafetyReasons(object, { own: this.#deps.own(), prevalence }), prevalence };
  }

  /**
   * Clients of the Automation API cannot confirm, so the same request sent again within ten minutes counts as
   * confirmation. Returns whether the object was confirmed, now or before; false if no confirmation was needed.
   */
  async passApplication(actor: Actor, object: ListingRequest): Promise<boolean> {
    if (!this.#deps.enabled) return false;
    const { reasons } = await this.check(object);
    const final = reasons.find((one) => !one.mayConfirm);
    if (final !== undefined) throw refused(final);
    if (reasons.length === 0) return false;
    const listed = await findObject(this.#deps.database.read, object.type, object.content);
    if (listed?.confirmed === 1) return true;
    if (await this.#askedBefore(actor, object)) return true;
    const why = reasons.map((one) => one.message).join(' ');
    throw new Refusal(
      'listing-needs-confirmation',
      `${why} Send the same request again within 10 minutes to list it anyway.`,
    );
  }

  #askedBefore(actor: Actor, { type, content, scanAction }: ListingRequest): Promise<boolean> {
    const now = this.#deps.now();
    const digest = createHash('sha256')
      .update(JSON.stringify([actor.name, type, content, scanAction]))
      .digest('hex');
    return this.#deps.database.write(async (tx) => {
      const again = await wasRefusedBefore(tx, digest, { since: now - windowMs, now });
      if (again) await deleteRefusal(tx, digest);
      return again;
    });
  }
}

function refused({ rule, message }: ListingSafetyReason): Refusal {
  return new Refusal(rule === 'empty-file' ? 'file-unusable' : 'listing-refused', `${message} It cannot be listed.`);
}
