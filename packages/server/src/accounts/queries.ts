/** Rows of accounts, sessions, recovery codes and tries. */
import { sql } from 'kysely';
import type { Database, Queries, Row } from '../database/database.ts';

export type AccountRow = Row<'accounts'>;
export type AccountChange = Partial<Omit<AccountRow, 'user_name' | 'created_at'>>;

export function account(read: Queries, user: string): Promise<AccountRow | undefined> {
  return read.selectFrom('accounts').selectAll().where('user_name', '=', user).executeTakeFirst();
}

export function allAccounts(read: Queries): Promise<AccountRow[]> {
  return read.selectFrom('accounts').selectAll().orderBy('user_name').execute();
}

export async function anyAccount(read: Queries): Promise<boolean> {
  return (await read.selectFrom('accounts').select('user_name').limit(1).executeTakeFirst()) !== undefined;
}

/** Adds an account; false when there is one of this name. */
export async function addAccount(tx: Queries, row: AccountRow): Promise<boolean> {
  const added = tx
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('user_name').doNothing());
  return (await added.returning('user_name').execute()).length === 1;
}

/** False when there is no such account. */
export async function changeAccount(tx: Queries, user: string, change: AccountChange): Promise<boolean> {
  const changed = tx.updateTable('accounts').set(change).where('user_name', '=', user);
  return (await changed.returning('user_name').execute()).length === 1;
}

/** As `changeAccount`, but only while password and second factor are those that were proved. */
export async function changeProved(tx: Queries, proved: AccountRow, change: AccountChange): Promise<boolean> {
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

/** Takes a code's step, once; false when it or a later one was taken already. */
export async function takeStep(tx: Queries, user: string, step: number): Promise<boolean> {
  const taken = tx.updateTable('accounts').set({ totp_step: step }).where('user_name', '=', user);
  return (await taken.where('totp_step', '<', step).returning('user_name').execute()).length === 1;
}

export async function deleteAccount(tx: Queries, user: string): Promise<boolean> {
  await deleteRecoveryCodes(tx, user);
  const deleted = await tx.deleteFrom('accounts').where('user_name', '=', user).returning('user_name').execute();
  return deleted.length === 1;
}

/** Every Administrator, in a transaction that may leave one fewer; nobody else changes one meanwhile. */
export function administratorsForChange(tx: Queries, database: Database): Promise<AccountRow[]> {
  const found = tx.selectFrom('accounts').selectAll().where('role', '=', 'Administrator').orderBy('user_name');
  return database.lockRows(found).execute();
}

export async function insertSession(tx: Queries, row: Row<'sessions'>): Promise<void> {
  await tx.insertInto('sessions').values(row).execute();
}

export interface SessionRow extends Row<'sessions'> {
  readonly account: AccountRow;
}

export async function session(read: Queries, tokenHash: string): Promise<SessionRow | undefined> {
  const row = await read.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
  if (row === undefined) return undefined;
  const owner = await account(read, row.user_name);
  return owner && { ...row, account: owner };
}

/** Sessions with their accounts, of those that are still there. */
export async function sessionsNamed(read: Queries, hashes: readonly string[]): Promise<SessionRow[]> {
  if (hashes.length === 0) return [];
  const rows = await read
    .selectFrom('sessions')
    .selectAll()
    .where('token_hash', 'in', [...hashes])
    .execute();
  if (rows.length === 0) return [];
  const users = [...new Set(rows.map((row) => row.user_name))];
  const owners = await read.selectFrom('accounts').selectAll().where('user_name', 'in', users).execute();
  const byUser = new Map(owners.map((owner) => [owner.user_name, owner]));
  return rows.flatMap((row) => {
    const owner = byUser.get(row.user_name);
    return owner === undefined ? [] : [{ ...row, account: owner }];
  });
}

export function sessionsOf(read: Queries, user: string): Promise<Row<'sessions'>[]> {
  return read.selectFrom('sessions').selectAll().where('user_name', '=', user).orderBy('created_at').execute();
}

export async function touchSession(tx: Queries, tokenHash: string, now: number): Promise<void> {
  await tx.updateTable('sessions').set({ last_used_at: now }).where('token_hash', '=', tokenHash).execute();
}

export async function deleteSession(tx: Queries, tokenHash: string): Promise<void> {
  await tx.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
}

/** All of a user's but, where one is given, that one. */
export async function deleteSessionsOf(tx: Queries, user: string, but = ''): Promise<void> {
  await tx.deleteFrom('sessions').where('user_name', '=', user).where('token_hash', '!=', but).execute();
}

export async function putRecoveryCodes(tx: Queries, user: string, hashes: readonly string[]): Promise<void> {
  await deleteRecoveryCodes(tx, user);
  const rows = hashes.map((hash) => ({ user_name: user, code_hash: hash }));
  await tx.insertInto('recovery_codes').values(rows).execute();
}

/** Whether there was one; there is none from now on. */
export async function takeRecoveryCode(tx: Queries, user: string, hash: string): Promise<boolean> {
  const taken = tx.deleteFrom('recovery_codes').where('user_name', '=', user).where('code_hash', '=', hash);
  return (await taken.returning('user_name').execute()).length === 1;
}

export async function deleteRecoveryCodes(tx: Queries, user: string): Promise<void> {
  await tx.deleteFrom('recovery_codes').where('user_name', '=', user).execute();
}

/** Counts a try and returns the row; whether it waits is as it was before. */
export async function countTry(
  tx: Queries,
  name: string,
  { now, forgetBefore }: { now: number; forgetBefore: number },
): Promise<Row<'sign_in_failures'>> {
  const failures = sql<number>`case when sign_in_failures.at < ${sql.lit(forgetBefore)} then 1 else sign_in_failures.failures + 1 end`;
  return tx
    .insertInto('sign_in_failures')
    .values({ name, failures: 1, locked_until: 0, at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ failures, at: now }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function lockTries(tx: Queries, name: string, until: number): Promise<void> {
  await tx.updateTable('sign_in_failures').set({ locked_until: until }).where('name', '=', name).execute();
}

/** The latest time until which one of these waits; 0 when none does. */
export async function lockedUntil(read: Queries, names: readonly string[]): Promise<number> {
  const rows = await read.selectFrom('sign_in_failures').select('locked_until').where('name', 'in', names).execute();
  return Math.max(0, ...rows.map((row) => row.locked_until));
}

export async function failuresOf(tx: Queries, name: string): Promise<number> {
  const row = await tx.selectFrom('sign_in_failures').select('failures').where('name', '=', name).executeTakeFirst();
  return row?.failures ?? 0;
}

/** As if `tried` of them had not been; what is left below `free` does not wait any more. */
export async function takeOffTries(
  tx: Queries,
  name: string,
  { tried, free }: { tried: number; free: number },
): Promise<void> {
  const left = sql<number>`case when failures > ${sql.lit(tried)} then failures - ${sql.lit(tried)} else 0 end`;
  const row = await tx
    .updateTable('sign_in_failures')
    .set({ failures: left })
    .where('name', '=', name)
    .returning('failures')
    .executeTakeFirst();
  if (row !== undefined && row.failures < free) await lockTries(tx, name, 0);
}

export async function forgetTries(tx: Queries, names: readonly string[]): Promise<void> {
  for (const name of names) await tx.deleteFrom('sign_in_failures').where('name', '=', name).execute();
}

/** Sessions that are over, and tries that are forgotten. */
export async function deleteStale(tx: Queries, now: number, triesBefore: number): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
  await tx.deleteFrom('sign_in_failures').where('at', '<', triesBefore).execute();
}

const settingsName = 'accounts';

export async function storedSettings(read: Queries): Promise<string | undefined> {
  const row = await read.selectFrom('settings').select('value').where('name', '=', settingsName).executeTakeFirst();
  return row?.value;
}

export async function storeSettings(tx: Queries, value: string): Promise<void> {
  await tx
    .insertInto('settings')
    .values({ name: settingsName, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
