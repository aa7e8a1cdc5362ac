/** Rows of the audit. */
import { sql } from 'kysely';
import type { Queries, Row } from '../database/database.ts';

export type AuditRow = Omit<Row<'audit'>, 'id' | 'hash'>;

const chunkSize = 500;
const dayMilliseconds = 86_400_000;

/**
 * Appends a line to the chain, and returns its id. The head's row is locked until the commit, so lines are chained in
 * the order in which they become visible, whichever node writes them.
 */
export async function appendLine(
  tx: Queries,
  line: AuditRow,
  hashAfter: (previous: string, id: number) => string,
): Promise<number> {
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
  return head.id;
}

/** Lets agents find a line that is about them. */
export async function insertAgentsOfLine(tx: Queries, id: number, agents: readonly number[]): Promise<void> {
  const rows = [...new Set(agents)].map((agent_number) => ({ agent_number, audit_id: id }));
  for (let start = 0; start < rows.length; start += chunkSize) {
    await tx
      .insertInto('audit_agents')
      .values(rows.slice(start, start + chunkSize))
      .execute();
  }
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

/** Of the checkpoints before `before` (milliseconds) keeps the last of each day (UTC): it vouches for all before it. */
export async function thinCheckpoints(tx: Queries, before: number): Promise<void> {
  await tx
    .deleteFrom('audit_checkpoints')
    .where('at', '<', before)
    .where('id', 'not in', (inner) =>
      inner
        .selectFrom('audit_checkpoints')
        .select((row) => row.fn.max('id').as('id'))
        .groupBy(sql`at / ${sql.lit(dayMilliseconds)}`),
    )
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

/** The newest lines about an agent, newest first. */
export function newestLinesOf(
  read: Queries,
  entityId: string,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<Row<'audit'>[]> {
  let query = read
    .selectFrom('agents')
    .innerJoin('audit_agents', 'audit_agents.agent_number', 'agents.number')
    .innerJoin('audit', 'audit.id', 'audit_agents.audit_id')
    .selectAll('audit')
    .where('agents.entity_id', '=', entityId)
    .orderBy('audit_agents.audit_id', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('audit_agents.audit_id', '<', before);
  return query.execute();
}
