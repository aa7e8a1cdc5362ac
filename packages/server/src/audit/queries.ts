/** Rows of the audit. */
import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';

export type AuditRow = Omit<Row<'audit'>, 'id' | 'hash'>;

const chunkSize = 500;
const dayMs = 86_400_000;

/**
 * Appends a line to the chain, and returns its id. The head's row is locked until the commit, so lines are chained in
 * the order in which they become visible, on all nodes.
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

/** Links a line to the agents that it is about. */
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

/** Of the checkpoints before `before` (milliseconds), keeps the last of each day (UTC), which covers all before it. */
export async function thinCheckpoints(tx: Queries, before: number): Promise<void> {
  await tx
    .deleteFrom('audit_checkpoints')
    .where('at', '<', before)
    .where('id', 'not in', (inner) =>
      inner
        .selectFrom('audit_checkpoints')
        .select((row) => row.fn.max('id').as('id'))
        .groupBy(sql`at / ${sql.lit(dayMs)}`),
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

/** The newest lines, newest first; only those before `before` if it is given. */
export function newestLines(read: Queries, limit: number, before?: number): Promise<Row<'audit'>[]> {
  const newest = read.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit);
  return (before === undefined ? newest : newest.where('id', '<', before)).execute();
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

/** A line, and whether it is also about an agent outside the scope. */
export interface PartialRow extends Row<'audit'> {
  readonly elsewhere: 0 | 1;
}

/** Lines with `from` <= id < `to` that are about agents in the scope, or record this actor's actions. */
export function partialLines(
  read: Queries,
  { actor, scope }: { actor: string; scope: Folders },
  of: { from: number; to: number; order: 'asc' | 'desc'; agent: string | undefined; limit: number },
): Promise<PartialRow[]> {
  const mine = agentsInScope(scope);
  const isFound =
    of.agent === undefined
      ? sql<SqlBool>`(audit.actor = ${actor} or ${about(mine)})`
      : about(sql<SqlBool>`agents.entity_id = ${of.agent} and ${mine}`);
  return read
    .selectFrom('audit')
    .selectAll()
    .select(sql<0 | 1>`case when ${about(sql<SqlBool>`not ${mine}`)} then 1 else 0 end`.as('elsewhere'))
    .where('audit.id', '>=', of.from)
    .where('audit.id', '<', of.to)
    .where(isFound)
    .orderBy('audit.id', of.order)
    .limit(of.limit)
    .execute();
}

/** Whether a line is about an agent that matches `condition`. */
function about(condition: RawBuilder<SqlBool>): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from audit_agents join agents on agents.number = audit_agents.agent_number
    where audit_agents.audit_id = audit.id and ${condition})`;
}

/** Names of the agents in the scope that a line is about. */
export async function namesOnLine(read: Queries, id: number, scope: Folders, limit: number): Promise<string[]> {
  const rows = await read
    .selectFrom('audit_agents')
    .innerJoin('agents', 'agents.number', 'audit_agents.agent_number')
    .select(['agents.entity_id', 'agents.host_name'])
    .where('audit_agents.audit_id', '=', id)
    .where(agentsInScope(scope))
    .orderBy('agents.number')
    .limit(limit)
    .execute();
  return rows.map((row) => `${row.entity_id} (${row.host_name})`);
}
