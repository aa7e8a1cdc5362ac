/** Rows of accounts, for their administration. */
import type { Database, Queries } from '../database/database.ts';
import { deleteRecoveryCodes } from './rows.ts';
import type { AccountChange, AccountRow } from './rows.ts';

export function allAccounts(read: Queries): Promise<AccountRow[]> {
  return read.selectFrom('accounts').selectAll().orderBy('user_name').execute();
}

export async function anyAccount(read: Queries): Promise<boolean> {
  return (await read.selectFrom('accounts').select('user_name').limit(1).executeTakeFirst()) !== undefined;
}

/** Adds an account; false if the name is taken. */
export async function addAccount(tx: Queries, row: AccountRow): Promise<boolean> {
  const added = tx
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('user_name').doNothing());
  return (await added.returning('user_name').execute()).length === 1;
}

/** False if there is no such account. */
export async function changeAccount(tx: Queries, user: string, change: AccountChange): Promise<boolean> {
  const changed = tx.updateTable('accounts').set(change).where('user_name', '=', user);
  return (await changed.returning('user_name').execute()).length === 1;
}

export async function deleteAccount(tx: Queries, user: string): Promise<boolean> {
  await deleteRecoveryCodes(tx, user);
  const deleted = await tx.deleteFrom('accounts').where('user_name', '=', user).returning('user_name').execute();
  return deleted.length === 1;
}

/** Every Administrator, locked: for a transaction that may leave one fewer. */
export function administratorsForChange(tx: Queries, database: Database): Promise<AccountRow[]> {
  const found = tx.selectFrom('accounts').selectAll().where('role', '=', 'Administrator').orderBy('user_name');
  return database.lockRows(found).execute();
}
