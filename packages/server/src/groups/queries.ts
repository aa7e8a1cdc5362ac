/** Queries of the groups. */
import { advance } from '../database/named-values.ts';
import type { Database, Queries, Row } from '../database/database.ts';

export function allGroups(read: Queries): Promise<Row<'groups'>[]> {
  return read.selectFrom('groups').selectAll().orderBy('name').execute();
}

/** A group, in a transaction that relies on it; its row is locked so that nobody removes it meanwhile. */
export function groupForChange(tx: Queries, database: Database, name: string): Promise<Row<'groups'> | undefined> {
  const found = tx.selectFrom('groups').selectAll().where('name', '=', name);
  return database.lockRows(found).executeTakeFirst();
}

/** Adds a group that does not exist yet; an existing one stays unchanged. */
export async function addGroup(tx: Queries, row: Row<'groups'>): Promise<void> {
  await tx
    .insertInto('groups')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

export async function putGroup(tx: Queries, row: Row<'groups'>): Promise<void> {
  const { name: _, ...rest } = row;
  await tx
    .insertInto('groups')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
    .execute();
  await advance(tx, 'groups');
}

/** False when there was none. */
export async function deleteGroup(tx: Queries, name: string): Promise<boolean> {
  const gone = await tx.deleteFrom('groups').where('name', '=', name).returning('name').execute();
  await advance(tx, 'groups');
  return gone.length === 1;
}
