/** Queries of the measurements and of current isolations. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import { chunks } from '../chunks.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';

export async function insertFleet(tx: Queries, row: Row<'measured_fleet'>): Promise<void> {
  await tx
    .insertInto('measured_fleet')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['at', 'server_id']).doUpdateSet({ online: row.online, isolated: row.isolated }),
    )
    .execute();
}

export async function insertIsolations(tx: Queries, rows: readonly Row<'measured_isolations'>[]): Promise<void> {
  for (const some of chunks(rows)) await tx.insertInto('measured_isolations').values(some).execute();
}

export async function forgetBefore(tx: Queries, at: number): Promise<void> {
  await tx.deleteFrom('measured_fleet').where('at', '<', at).execute();
  await tx.deleteFrom('measured_isolations').where('at', '<', at).execute();
}

export interface Span {
  readonly since: number;
  readonly until: number;
  readonly bucket: number;
}

/** Adds up all nodes per minute, and takes the highest minute of each bucket. */
export function fleetInBuckets(
  read: Queries,
  { since, until, bucket }: Span,
): Promise<{ at: number; online: number; isolated: number }[]> {
  const minutes = read
    .selectFrom('measured_fleet')
    // PostgreSQL's sum has a wider type than its input.
    .select((row) => [
      'at',
      sql<number>`cast(sum(online) as bigint)`.as('online'),
      row.fn.max('isolated').as('isolated'),
    ])
    .where('at', '>=', since)
    .where('at', '<=', until)
    .groupBy('at')
    .as('minutes');
  // A whole number on both databases; the width comes from us, never from a user's text.
  const start = sql<number>`minutes.at - minutes.at % ${sql.lit(bucket)}`;
  const rows = read
    .selectFrom(minutes)
    .select((row) => [start.as('at'), row.fn.max('online').as('online'), row.fn.max('isolated').as('isolated')]);
  return rows.groupBy(start).orderBy(start).execute();
}

/** The newest rows about agents in the scope, newest first. */
export function isolationsIn(
  read: Queries,
  { since, until }: Span,
  { scope, limit }: { scope: Folders; limit: number },
): Promise<{ at: number; milliseconds: number }[]> {
  const all = read
    .selectFrom('measured_isolations')
    .select(['at', 'milliseconds'])
    .where('at', '>=', since)
    .where('at', '<=', until)
    .orderBy('at', 'desc')
    .limit(limit);
  if (scope.length === 0) return all.execute();
  const agents = all.innerJoin('agents', 'agents.number', 'measured_isolations.agent_number');
  return agents.where(agentsInScope(scope)).execute();
}

/** Agents at the other nodes, as last reported; a node silent for longer is treated as down. */
export async function onlineElsewhere(read: Queries, server: string, since: number): Promise<number> {
  const rows = await read
    .selectFrom('measured_fleet')
    .select(['server_id', 'at', 'online'])
    .where('at', '>=', since)
    .where('server_id', '!=', server)
    .orderBy('at')
    .execute();
  const newest = new Map(rows.map((row) => [row.server_id, row.online]));
  return [...newest.values()].reduce((sum, online) => sum + online, 0);
}

/** Agents that proved their isolation, and agents whose isolation is only desired: counted as `isolationOf` decides. */
export async function countIsolatedInFleet(
  read: Queries,
  scope: Folders,
): Promise<{ isolated: number; isolating: number }> {
  const desired = read
    .selectFrom('agents')
    .where('desired_isolation', '=', 'isolated')
    .where('can_isolate', '=', 1)
    .where('removed_at', 'is', null)
    .where(agentsInScope(scope))
    .select((row) => row.fn.countAll().as('count'));
  const proved = desired
    .where('reported_isolation', '=', 'isolated')
    .whereRef('reported_epoch', '>=', 'isolation_epoch');
  const isolated = countOf(await proved.executeTakeFirst());
  return { isolated, isolating: countOf(await desired.executeTakeFirst()) - isolated };
}

export type IsolatedRow = Pick<
  Row<'agents'>,
  | 'entity_id'
  | 'host_name'
  | 'desired_at'
  | 'desired_deadline'
  | 'can_isolate'
  | 'desired_isolation'
  | 'isolation_epoch'
  | 'reported_isolation'
  | 'reported_epoch'
> & { readonly requested_by: string | null; readonly requested_at: number | null };

/** Desired isolations in the scope, the longest first. */
export function isolatedLongest(read: Queries, scope: Folders, limit: number): Promise<IsolatedRow[]> {
  return read
    .selectFrom('agents')
    .select(['entity_id', 'host_name', 'desired_at', 'desired_deadline', 'can_isolate', 'desired_isolation'])
    .select(['isolation_epoch', 'reported_isolation', 'reported_epoch'])
    .select([newestIsolate('requested_by').as('requested_by'), newestIsolate('requested_at').as('requested_at')])
    .where('desired_isolation', '=', 'isolated')
    .where('removed_at', 'is', null)
    .where(agentsInScope(scope))
    .orderBy('desired_at')
    .limit(limit)
    .execute();
}

/** A column of the command that requested it: the desired state may have been renewed since for other reasons. */
function newestIsolate<Column extends 'requested_by' | 'requested_at'>(
  column: Column,
): RawBuilder<Row<'commands'>[Column] | null> {
  return sql`(select ${sql.ref(column)} from commands
    where commands.agent_number = agents.number and commands.act = 'isolate' order by commands.id desc limit 1)`;
}

function countOf(row: { count: number | string | bigint } | undefined): number {
  return Number(row?.count ?? 0);
}
