/** Seals groups: settings count only with a seal made with the master key. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Row } from '../database/database.ts';
import type { Sealer } from '../secrets/sealing.ts';

export class GroupSeal {
  readonly #key: Buffer;

  constructor(sealer: Sealer) {
    this.#key = sealer.derive('groups');
  }

  /** Base64, over everything a desired state takes from this row. */
  of(group: Omit<Row<'groups'>, 'seal'>): string {
    const text = JSON.stringify([group.name, group.settings, group.changed_at]);
    return createHmac('sha256', this.#key).update(text).digest('base64');
  }

  /** Whether the row is as Cordon wrote it. */
  fits(group: Row<'groups'>): boolean {
    const [expected, given] = [Buffer.from(this.of(group)), Buffer.from(group.seal)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}
