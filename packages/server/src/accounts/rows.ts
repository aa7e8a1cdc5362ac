/** Rows of accounts and recovery codes, for this room and for sign-in. */
import type { Queries, Row } from '../database/database.ts';

export type AccountRow = Row<'accounts'>;

export type AccountChange = Partial<Omit<AccountRow, 'user_name' | 'created_at'>>;

export function findAccount(read: Queries, user: string): Promise<AccountRow | undefined> {
  return read.selectFrom('accounts').selectAll().where('user_name', '=', user).executeTakeFirst();
}

/** As `changeAccount`, but only if password and second factor are still the ones that were checked. */
export async function changeUnlessChanged(tx: Queries, proved: AccountRow, change: AccountChange): Promise<boolean> {
  const { user_name: user, password_hash: hash, totp_secret: secret } = proved;
  const changed = tx
    .updateTable('accounts')
    .set(change)
    .where('user_name', '=', user)
    .where('password_hash', '=', hash)
    .where('totp_secret', secret === null ? 'is' : '=', secret)
    .where('disabled', '=', 0);
  return (await changed.returning('user_name').execute()).length === 1;
}

/** Uses up a code's time step; false if it or a later one was used before. */
export async function useTotpStep(tx: Queries, user: string, step: number): Promise<boolean> {
  const taken = tx.updateTable('accounts').set({ totp_step: step }).where('user_name', '=', user);
  return (await taken.where('totp_step', '<', step).returning('user_name').execute()).length === 1;
}

export async function putRecoveryCodes(tx: Queries, user: string, hashes: readonly string[]): Promise<void> {
  await deleteRecoveryCodes(tx, user);
  const rows = hashes.map((hash) => ({ user_name: user, code_hash: hash }));
  await tx.insertInto('recovery_codes').values(rows).execute();
}

/** Uses up the code; false if there was none. */
export async function useRecoveryCode(tx: Queries, user: string, hash: string): Promise<boolean> {
  const taken = tx.deleteFrom('recovery_codes').where('user_name', '=', user).where('code_hash', '=', hash);
  return (await taken.returning('user_name').execute()).length === 1;
}

export async function deleteRecoveryCodes(tx: Queries, user: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('user_name', '=', user).execute();
}

export async function accountsNamed(read: Queries, users: readonly string[]): Promise<AccountRow[]> {
  return read
    .selectFrom('accounts')
    .selectAll()
    .where('user_name', 'in', [...users])
    .execute();
}
