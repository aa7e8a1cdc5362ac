/** The forms of one entry: in the database, in the Automation API, and as sent to agents. Pure. */
import type { UserDefinedObject } from '@cordon/protocol/automation';
import type { ObjectsPage } from '@cordon/protocol/channel';
import { writeExpiry } from './expiry.ts';
import type { ObjectRow, ObjectTerms } from './table.ts';
import { fromJson } from '../database/json.ts';

/** An entry as the Automation API shows it. */
export function wireEntry(row: ObjectRow): UserDefinedObject {
  return {
    type: row.type,
    content: row.content,
    notes: row.notes,
    scan_action: row.scan_action,
    expiration_utc_date: row.expires_at === null ? null : writeExpiry(row.expires_at),
  };
}

/** An entry as it is sent to agents. */
export function agentEntry(row: ObjectRow): ObjectsPage['put'][number] {
  const { type, content, size, sha256 } = row;
  const groups = enforcingGroups(row);
  return {
    type,
    content,
    size,
    sha256,
    action: row.scan_action,
    expiresAt: row.expires_at,
    ...(groups === null ? {} : { enforceIn: groups }),
    ...(row.confirmed === 1 ? { confirmed: true } : {}),
  };
}

/** What a person has set on an object beyond the API's fields stays when a client puts it again. */
export function objectTermsOf(before: ObjectRow | undefined): ObjectTerms {
  if (before === undefined) {
    return { enforce_in: null, halt_above: null, halted_at: null, halt_reason: null, confirmed: 0 };
  }
  const { enforce_in, halt_above, halted_at, halt_reason, confirmed } = before;
  return { enforce_in, halt_above, halted_at, halt_reason, confirmed };
}

/** The groups that enforce an object while it is a canary; null for all. */
export function enforcingGroups(object: Pick<ObjectRow, 'enforce_in'>): string[] | null {
  return object.enforce_in === null ? null : fromJson(object.enforce_in);
}
