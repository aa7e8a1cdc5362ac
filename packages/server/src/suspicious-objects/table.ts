/** The rows of the list that other rooms read, and the changes they make to it. */
import { advance, counter } from '../database/named-values.ts';
import type { ObjectType } from '@cordon/protocol/automation';
import type { ObjectName } from '@cordon/protocol/channel';
import type { SelectQueryBuilder } from 'kysely';
import type { Database, Queries, Row, Tables } from '../database/database.ts';
import { toJson } from '../database/json.ts';

export type ObjectRow = Row<'suspicious_objects'>;

/** What people set on an object beyond the fields of the Automation API. */
export type ObjectTerms = Pick<ObjectRow, 'enforce_in' | 'halt_above' | 'halted_at' | 'halt_reason' | 'confirmed'>;

/** Entries that were not removed, and have not expired. */
export function listedAt(read: Queries, now: number): SelectQueryBuilder<Tables, 'suspicious_objects', {}> {
  const entries = read.selectFrom('suspicious_objects').where('removed', '=', 0);
  return entries.where((or) => or.or([or('expires_at', 'is', null), or('expires_at', '>', now)]));
}

/** The list's revision. */
export function currentRevision(read: Queries): Promise<number> {
  return counter(read, 'objects');
}

/** The list's next revision. Locks the counter until the commit, so that revisions become visible in order. */
export function nextRevision(tx: Queries): Promise<number> {
  return advance(tx, 'objects');
}

export function findObject(read: Queries, type: ObjectType, content: string): Promise<ObjectRow | undefined> {
  return read
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('type', '=', type)
    .where('content', '=', content)
    .where('removed', '=', 0)
    .executeTakeFirst();
}

/** Adds to an object's count of detections. An object that is not listed changes nothing. */
export async function countDetections(tx: Queries, object: ObjectName, count: number): Promise<void> {
  await tx
    .updateTable('suspicious_objects')
    .set((row) => ({ detections: row('detections', '+', count) }))
    .where('type', '=', object.type)
    .where('content', '=', object.content)
    .execute();
}

/** Which of these contents are canaries that may be halted. */
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

/** An object, locked for a transaction that is about to change it. */
export function objectForChange(tx: Queries, database: Database, object: ObjectName): Promise<ObjectRow | undefined> {
  const found = tx
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('type', '=', object.type)
    .where('content', '=', object.content)
    .where('removed', '=', 0);
  return database.lockRows(found).executeTakeFirst();
}

export async function changeObject(
  tx: Queries,
  { type, content }: ObjectName,
  change: Partial<Omit<ObjectRow, 'type' | 'content'>>,
): Promise<void> {
  await tx
    .updateTable('suspicious_objects')
    .set(change)
    .where('type', '=', type)
    .where('content', '=', content)
    .execute();
}

/** Which of these addresses and networks are listed to be blocked. */
export async function blockedAddresses(at: Queries, contents: readonly string[], now: number): Promise<ObjectRow[]> {
  if (contents.length === 0) return [];
  const listed = listedAt(at, now)
    .selectAll()
    .where('type', '=', 'ip')
    .where('content', 'in', [...contents]);
  return listed.where('scan_action', '!=', 'log').execute();
}

/** Those of `contents` that are, or recently were, on the list as files. */
export async function listedAmong(tx: Queries, contents: readonly string[]): Promise<Set<string>> {
  if (contents.length === 0) return new Set();
  const rows = await tx
    .selectFrom('suspicious_objects')
    .select('content')
    .where('type', 'in', ['file', 'file_sha1'])
    .where('content', 'in', [...contents])
    .execute();
  return new Set(rows.map((row) => row.content));
}
