/** Queries of the managing servers: one row per node that ever ran on this database. */
import type { Queries, Row } from '../database/database.ts';

export function allServers(read: Queries): Promise<Row<'servers'>[]> {
  return read.selectFrom('servers').selectAll().orderBy('started_at').orderBy('id').execute();
}

/** Adds or replaces a node; returns the row as it was before, or undefined. */
export async function putServer(tx: Queries, row: Row<'servers'>): Promise<Row<'servers'> | undefined> {
  const before = await tx.selectFrom('servers').selectAll().where('id', '=', row.id).executeTakeFirst();
  const { id: _, ...rest } = row;
  await tx
    .insertInto('servers')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
  return before;
}

export async function touchServer(
  tx: Queries,
  id: string,
  columns: Pick<Row<'servers'>, 'seen_at' | 'fingerprint' | 'public_key_pin'>,
): Promise<void> {
  await tx.updateTable('servers').set(columns).where('id', '=', id).execute();
}
