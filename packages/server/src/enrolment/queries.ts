/** Queries of the enrolment tokens. */
import type { Queries, Row } from '../database/database.ts';

export async function insertToken(tx: Queries, row: Row<'enrolment_tokens'>): Promise<void> {
  await tx.insertInto('enrolment_tokens').values(row).execute();
}

/** Whether a token is still valid; so a stranger with a wrong one costs no write. */
export async function isTokenGood(read: Queries, secretHash: string, now: number): Promise<boolean> {
  const found = await read
    .selectFrom('enrolment_tokens')
    .select('id')
    .where('secret_hash', '=', secretHash)
    .where('uses_left', '>', 0)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return found !== undefined;
}

/** Takes one use of a valid token; false when there is none. One statement, so no use is spent twice. */
export async function spendToken(tx: Queries, secretHash: string, now: number): Promise<boolean> {
  const spent = await tx
    .updateTable('enrolment_tokens')
    .set((row) => ({ uses_left: row('uses_left', '-', 1) }))
    .where('secret_hash', '=', secretHash)
    .where('uses_left', '>', 0)
    .where('expires_at', '>', now)
    .returning('id')
    .execute();
  return spent.length === 1;
}
