/** Rows of accounts and sessions. */
import type { Queries, Row } from '../database/database.ts';

export function account(read: Queries, user: string): Promise<Row<'accounts'> | undefined> {
  return read.selectFrom('accounts').selectAll().where('user_name', '=', user).executeTakeFirst();
}

export async function anyAccount(read: Queries): Promise<boolean> {
  return (await read.selectFrom('accounts').select('user_name').limit(1).executeTakeFirst()) !== undefined;
}

/** Adds an account; false when there is one of this name. */
export async function addAccount(tx: Queries, row: Row<'accounts'>): Promise<boolean> {
  const added = tx
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('user_name').doNothing());
  return (await added.returning('user_name').execute()).length === 1;
}

/** Adds an account, or gives an existing one this password and unlocks it. */
export async function putAccount(tx: Queries, row: Row<'accounts'>): Promise<void> {
  await tx
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('user_name').doUpdateSet({ password_hash: row.password_hash, failures: 0, locked_until: 0 }),
    )
    .execute();
}

export async function noteFailure(tx: Queries, user: string, lockedUntil: number): Promise<void> {
  await tx
    .updateTable('accounts')
    .set((row) => ({ failures: row('failures', '+', 1), locked_until: lockedUntil }))
    .where('user_name', '=', user)
    .execute();
}

export async function clearFailures(tx: Queries, user: string): Promise<void> {
  await tx.updateTable('accounts').set({ failures: 0, locked_until: 0 }).where('user_name', '=', user).execute();
}

export async function insertSession(tx: Queries, row: Row<'sessions'>): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at', '<', row.created_at).execute();
  await tx.insertInto('sessions').values(row).execute();
}

export function session(read: Queries, tokenHash: string): Promise<Row<'sessions'> | undefined> {
  return read.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
}

export async function deleteSession(tx: Queries, tokenHash: string): Promise<void> {
  await tx.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
}

export async function deleteSessionsOf(tx: Queries, user: string): Promise<void> {
  await tx.deleteFrom('sessions').where('user_name', '=', user).execute();
}
