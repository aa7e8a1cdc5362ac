/** Rows of the audit. */
import type { Queries, Row } from '../database/database.ts';

export type AuditRow = Omit<Row<'audit'>, 'id' | 'hash'>;

/**
 * Appends a line to the chain. The head's row is locked until the commit, so lines are chained in the order in which
 * they become visible, whichever node writes them.
 */
export async function appendLine(
  tx: Queries,
  line: AuditRow,
  hashAfter: (previous: string, id: number) => string,
): Promise<void> {
  const head = await tx
    .updateTable('audit_head')
    .set((row) => ({ id: row('id', '+', 1) }))
    .where('one', '=', 1)
    .returning(['id', 'hash'])
    .executeTakeFirstOrThrow();
  const hash = hashAfter(head.hash, head.id);
  await tx
    .insertInto('audit')
    .values({ ...line, id: head.id, hash })
    .execute();
  await tx.updateTable('audit_head').set({ hash }).where('one', '=', 1).execute();
}

export function chainHead(read: Queries): Promise<Row<'audit_head'>> {
  return read.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
}

export async function newestCheckpoint(read: Queries): Promise<number> {
  const row = await read.selectFrom('audit_checkpoints').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

export async function insertCheckpoint(tx: Queries, row: Row<'audit_checkpoints'>): Promise<void> {
  await tx
    .insertInto('audit_checkpoints')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export function allCheckpoints(read: Queries): Promise<Row<'audit_checkpoints'>[]> {
  return read.selectFrom('audit_checkpoints').selectAll().orderBy('id').execute();
}

/** Lines with a larger id than `after`, oldest first. */
export function linesAfter(read: Queries, after: number, limit: number): Promise<Row<'audit'>[]> {
  return read.selectFrom('audit').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** The newest lines, newest first. */
export function newestLines(read: Queries, limit: number): Promise<Row<'audit'>[]> {
  return read.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
}
