/** The guard's lock, and rows of approvals. */
import type { Database, Queries, Row } from '../database/database.ts';

/** Any number that no other lock uses. */
const guardLock = 0x67756172;

/**
 * No other act is checked until the end of `tx`: what was counted for this one stays true until it is done. SQLite
 * needs no lock, because it has one writer.
 */
export function lockGuard(tx: Queries, database: Database): Promise<void> {
  return database.lockUntilCommit(tx, guardLock);
}

export type NewApproval = Omit<Row<'approvals'>, 'id'>;

/** The pending approval for the very same request, or a new one. */
export async function putApproval(tx: Queries, row: NewApproval): Promise<{ id: number; isNew: boolean }> {
  const same = await tx
    .selectFrom('approvals')
    .select('id')
    .where('state', '=', 'pending')
    .where('requested_by', '=', row.requested_by)
    .where('act', '=', row.act)
    .where('change', '=', row.change)
    .where('agents', '=', row.agents)
    .where('expires_at', '>', row.requested_at)
    .executeTakeFirst();
  if (same !== undefined) return { id: same.id, isNew: false };
  const made = await tx.insertInto('approvals').values(row).returning('id').executeTakeFirstOrThrow();
  return { id: made.id, isNew: true };
}

export function approval(read: Queries, id: number): Promise<Row<'approvals'> | undefined> {
  return read.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Pending approvals, newest first. */
export function pendingApprovals(read: Queries, now: number, limit: number): Promise<Row<'approvals'>[]> {
  const pending = read.selectFrom('approvals').selectAll().where('state', '=', 'pending').where('expires_at', '>', now);
  return pending.orderBy('id', 'desc').limit(limit).execute();
}

/** Decided or expired approvals, newest first. */
export function pastApprovals(read: Queries, now: number, limit: number): Promise<Row<'approvals'>[]> {
  return read
    .selectFrom('approvals')
    .selectAll()
    .where((or) => or.or([or('state', '!=', 'pending'), or('expires_at', '<=', now)]))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** How many acts of one caller are pending. */
export async function countPendingOf(tx: Queries, caller: string, now: number): Promise<number> {
  const row = await tx
    .selectFrom('approvals')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('state', '=', 'pending')
    .where('requested_by', '=', caller)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row?.count ?? 0;
}

/** The agent numbers of each pending approval. */
export async function pendingAgents(read: Queries, now: number): Promise<Row<'approvals'>['agents'][]> {
  const pending = read.selectFrom('approvals').select('agents').where('state', '=', 'pending');
  const rows = await pending.where('expires_at', '>', now).orderBy('id', 'desc').limit(1000).execute();
  return rows.map((row) => row.agents);
}

/** Decides a pending approval; false when somebody else already did. */
export async function decideApproval(
  tx: Queries,
  id: number,
  decision: { state: 'approved' | 'rejected'; by: string; at: number },
): Promise<boolean> {
  const decided = await tx
    .updateTable('approvals')
    .set({ state: decision.state, decided_by: decision.by, decided_at: decision.at })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .where('expires_at', '>', decision.at)
    .returning('id')
    .execute();
  return decided.length === 1;
}
