/** Rows of the audit. */
import type { Queries, Row } from '../database/database.ts';

export type AuditRow = Omit<Row<'audit'>, 'id'>;

export async function insertLine(tx: Queries, line: AuditRow): Promise<void> {
  await tx.insertInto('audit').values(line).execute();
}

/** Lines with a larger id than `after`, oldest first. */
export function linesAfter(read: Queries, after: number, limit: number): Promise<Row<'audit'>[]> {
  return read.selectFrom('audit').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** The newest lines, newest first. */
export function newestLines(read: Queries, limit: number): Promise<Row<'audit'>[]> {
  return read.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
}
