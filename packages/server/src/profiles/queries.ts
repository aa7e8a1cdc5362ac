/** Queries of the isolation profiles. */
import type { Queries, Row } from '../database/database.ts';

export function allProfiles(read: Queries): Promise<Row<'profiles'>[]> {
  return read.selectFrom('profiles').selectAll().orderBy('name').execute();
}

export async function putProfile(tx: Queries, row: Row<'profiles'>): Promise<void> {
  const { name: _, ...rest } = row;
  await tx
    .insertInto('profiles')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
    .execute();
  await bumpVersion(tx);
}

/** False when there was none. */
export async function deleteProfile(tx: Queries, name: string): Promise<boolean> {
  const gone = await tx.deleteFrom('profiles').where('name', '=', name).returning('name').execute();
  await bumpVersion(tx);
  return gone.length === 1;
}

/** Grows with every change, so that other nodes notice. */
export async function profilesVersion(read: Queries): Promise<number> {
  const row = await read.selectFrom('counters').select('value').where('name', '=', 'profiles').executeTakeFirst();
  return row?.value ?? 0;
}

async function bumpVersion(tx: Queries): Promise<void> {
  await tx
    .updateTable('counters')
    .set((counter) => ({ value: counter('value', '+', 1) }))
    .where('name', '=', 'profiles')
    .execute();
}
