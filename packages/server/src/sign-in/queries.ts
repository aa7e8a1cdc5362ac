/** Rows of sessions, and of failed sign-in attempts. */
import { sql } from 'kysely';
import { findAccount, accountsNamed } from '../accounts/rows.ts';
import type { AccountRow } from '../accounts/rows.ts';
import type { Queries, Row } from '../database/database.ts';

export async function insertSession(tx: Queries, row: Row<'sessions'>): Promise<void> {
  await tx.insertInto('sessions').values(row).execute();
}

export interface SessionRow extends Row<'sessions'> {
  readonly account: AccountRow;
}

export async function findSession(read: Queries, tokenHash: string): Promise<SessionRow | undefined> {
  const row = await read.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
  if (row === undefined) return undefined;
  const owner = await findAccount(read, row.user_name);
  return owner && { ...row, account: owner };
}

/** Sessions with their accounts, of those that still exist. */
export async function sessionsNamed(read: Queries, hashes: readonly string[]): Promise<SessionRow[]> {
  if (hashes.length === 0) return [];
  const rows = await read
    .selectFrom('sessions')
    .selectAll()
    .where('token_hash', 'in', [...hashes])
    .execute();
  if (rows.length === 0) return [];
  const users = [...new Set(rows.map((row) => row.user_name))];
  const owners = await accountsNamed(read, users);
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

/** Deletes all of a user's sessions except `but`, if it is given. */
export async function deleteSessionsOf(tx: Queries, user: string, but = ''): Promise<void> {
  await tx.deleteFrom('sessions').where('user_name', '=', user).where('token_hash', '!=', but).execute();
}

/** Counts an attempt and returns the row; whether it is locked stays unchanged. */
export async function countFailure(
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

export async function lockUntil(tx: Queries, name: string, until: number): Promise<void> {
  await tx.updateTable('sign_in_failures').set({ locked_until: until }).where('name', '=', name).execute();
}

/** The latest time until which one of these is locked; 0 if none is. */
export async function lockedUntil(read: Queries, names: readonly string[]): Promise<number> {
  const rows = await read.selectFrom('sign_in_failures').select('locked_until').where('name', 'in', names).execute();
  return Math.max(0, ...rows.map((row) => row.locked_until));
}

export async function failuresOf(tx: Queries, name: string): Promise<number> {
  const row = await tx.selectFrom('sign_in_failures').select('failures').where('name', '=', name).executeTakeFirst();
  return row?.failures ?? 0;
}

/** Subtracts `tried` attempts; what remains below `free` is no longer locked. */
export async function subtractFailures(
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
  if (row !== undefined && row.failures < free) await lockUntil(tx, name, 0);
}

export async function deleteFailures(tx: Queries, names: readonly string[]): Promise<void> {
  for (const name of names) await tx.deleteFrom('sign_in_failures').where('name', '=', name).execute();
}

/** Deletes expired sessions and old failures. */
export async function deleteExpired(tx: Queries, now: number, failuresBefore: number): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
  await tx.deleteFrom('sign_in_failures').where('at', '<', failuresBefore).execute();
}
