/** Announces what others may want to hear of, inside the transaction that it tells of: record, then tell. */
import type { Happening } from '@cordon/protocol/console';
import type { Queries } from '../database/database.ts';
import { toJson } from '../database/json.ts';
import { appendToOutbox } from './event-log.ts';

/** Stands or falls with the change. Webhooks and syslog hear of it after the commit. */
export function recordEvent(tx: Queries, ...happenings: readonly Happening[]): Promise<void> {
  return appendToOutbox(
    tx,
    happenings.map(({ kind, at, body }) => ({ kind, at, body: toJson<unknown>(body) })),
  );
}
