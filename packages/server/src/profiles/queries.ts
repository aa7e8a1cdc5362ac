/** Queries of the isolation profiles. */
import { advance } from '../database/named-values.ts';
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
  await advance(tx, 'profiles');
}

/** False when there was none. */
export async function deleteProfile(tx: Queries, name: string): Promise<boolean> {
  const gone = await tx.deleteFrom('profiles').where('name', '=', name).returning('name').execute();
  await advance(tx, 'profiles');
  return gone.length === 1;
}
