/** Rows of the list as its canaries and its tallies see them. */
import type { ObjectName } from '@cordon/protocol/channel';
import type { Database, Queries } from '../database/database.ts';
import { toJson } from '../database/json.ts';
import type { ObjectRow } from './queries.ts';

/** An object was met so many times more. One that is on no list changes nothing. */
export async function countDetections(tx: Queries, object: ObjectName, count: number): Promise<void> {
  await tx
    .updateTable('suspicious_objects')
    .set((row) => ({ detections: row('detections', '+', count) }))
    .where('type', '=', object.type)
    .where('content', '=', object.content)
    .execute();
}

/** Those of these contents that are canaries which may be halted. */
export function canariesAmong(read: Queries, contents: readonly string[]): Promise<ObjectRow[]> {
  if (contents.length === 0) return Promise.resolve([]);
  return read
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('content', 'in', [...contents])
    .where('removed', '=', 0)
    .where('halt_above', 'is not', null)
    .where('enforce_in', 'is not', null)
    .where('enforce_in', '!=', toJson([]))
    .execute();
}

/** An object in a transaction that is about to change it. */
export function objectForChange(tx: Queries, database: Database, object: ObjectName): Promise<ObjectRow | undefined> {
  const found = tx
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('type', '=', object.type)
    .where('content', '=', object.content)
    .where('removed', '=', 0);
  return database.lockRows(found).executeTakeFirst();
}

/** From now on it is only logged, everywhere. */
export async function haltObject(
  tx: Queries,
  object: ObjectName,
  halt: { at: number; why: string; revision: number },
): Promise<void> {
  await tx
    .updateTable('suspicious_objects')
    .set({
      enforce_in: toJson([]),
      halted_at: halt.at,
      halt_reason: halt.why,
      revision: halt.revision,
      changed_at: halt.at,
    })
    .where('type', '=', object.type)
    .where('content', '=', object.content)
    .execute();
}
