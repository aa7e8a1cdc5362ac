/** Rows of the suspicious-object list. */
import { putSetting, setting } from '../database/named-values.ts';
import { sql } from 'kysely';
import type { ObjectType } from '@cordon/protocol/automation';
import type { Queries } from '../database/database.ts';
import { listedAt } from './table.ts';
import type { ObjectRow } from './table.ts';

const pageSize = 500;

/** Expired entries do not count, even before they are removed. */
export async function countOfType(read: Queries, type: ObjectType, now: number): Promise<number> {
  const row = await listedAt(read, now)
    .where('type', '=', type)
    .select((count) => count.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return row?.count ?? 0;
}

/** Adds an object, replaces one, or brings back one that was removed. */
export async function putObject(tx: Queries, row: Omit<ObjectRow, 'detections'>): Promise<void> {
  const { type: _type, content: _content, added_at: _added, ...rest } = row;
  await tx
    .insertInto('suspicious_objects')
    .values(row)
    .onConflict((conflict) => conflict.columns(['type', 'content']).doUpdateSet(rest))
    .execute();
}

/** Expired entries. */
export function expiredObjects(read: Queries, now: number, limit: number): Promise<ObjectRow[]> {
  return read
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('removed', '=', 0)
    .where('expires_at', '<=', now)
    .limit(limit)
    .execute();
}

export interface ObjectFilter {
  readonly type: ObjectType | undefined;
  /** Part of the content, in any letter case. */
  readonly contains: string | undefined;
  readonly now: number;
}

/** One page of the list, the newest change first; `after` is the last row of the previous page. */
export function listPage(
  at: Queries,
  filter: ObjectFilter,
  after: Pick<ObjectRow, 'revision'> | undefined,
  limit: number = pageSize,
): Promise<ObjectRow[]> {
  let query = listedAt(at, filter.now).selectAll().orderBy('revision', 'desc').limit(limit);
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  if (filter.contains !== undefined) {
    const pattern = `%${filter.contains.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    // The database lower-cases both sides, because databases differ on letters beyond ASCII.
    query = query.where(sql<boolean>`lower(content) like lower(${pattern}) escape '\\'`);
  }
  if (after !== undefined) query = query.where('revision', '<', after.revision);
  return query.execute();
}

export function isFullPage(page: readonly ObjectRow[]): boolean {
  return page.length === pageSize;
}

const floor = 'objects-floor';

/** Deletes tombstones from before `before`; agents whose list is older than the newest of them must start over. */
export async function purgeTombstones(tx: Queries, before: number): Promise<void> {
  const gone = await tx
    .deleteFrom('suspicious_objects')
    .where('removed', '=', 1)
    .where('changed_at', '<', before)
    .returning('revision')
    .execute();
  if (gone.length === 0) return;
  const value = Math.max(...gone.map((row) => row.revision), await purgedUpTo(tx));
  await putSetting(tx, floor, String(value));
}

/** The largest revision whose tombstone was deleted; 0 if none was. */
export async function purgedUpTo(read: Queries): Promise<number> {
  return Number((await setting(read, floor)) ?? 0);
}

/** What changed after a revision, oldest first; tombstones included. */
export function changesAfter(read: Queries, revision: number, limit: number): Promise<ObjectRow[]> {
  return read
    .selectFrom('suspicious_objects')
    .selectAll()
    .where('revision', '>', revision)
    .orderBy('revision')
    .limit(limit)
    .execute();
}
