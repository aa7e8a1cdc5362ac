/** Records an event in the transaction of the change that it reports. */
import type { Happening } from '@cordon/protocol/console';
import type { Queries } from '../database/database.ts';
import { toJson } from '../database/json.ts';
import { appendToOutbox } from './event-log.ts';

/** Commits or rolls back with the change. Webhooks and syslog send it after the commit. */
export function recordEvent(tx: Queries, ...happenings: readonly Happening[]): Promise<void> {
  return appendToOutbox(
    tx,
    happenings.map(({ kind, at, body }) => ({ kind, at, body: toJson<unknown>(body) })),
  );
}
