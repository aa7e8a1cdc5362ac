/** Rows of the tasks, and of each agent's progress on them. */
import { sql } from 'kysely';
import type { ObjectName, TaskWork } from '@cordon/protocol/channel';
import type { RawBuilder } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';
import type { Json } from '../database/json.ts';

export type FleetRow = Row<'fleet_tasks'>;
export type AgentTaskRow = Row<'agent_tasks'>;

/** Rows in one statement; below the parameter limits of both databases. */
const chunkSize = 500;
const unfinished = ['waiting', 'running'] as const;

export async function insertFleetTask(tx: Queries, row: FleetRow): Promise<void> {
  await tx
    .insertInto('fleet_tasks')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Adds agents to a task; those that have it already keep their progress. */
export async function insertAgentTasks(tx: Queries, rows: readonly AgentTaskRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += chunkSize) {
    await tx
      .insertInto('agent_tasks')
      .values(rows.slice(start, start + chunkSize))
      .onConflict((conflict) => conflict.columns(['task', 'agent_number']).doNothing())
      .execute();
  }
}

export async function insertFindFiles(tx: Queries, task: string, sha1s: readonly string[]): Promise<void> {
  if (sha1s.length === 0) return;
  await tx
    .insertInto('searched_files')
    .values(sha1s.map((sha1) => ({ task, sha1 })))
    .execute();
}

export function fleetTask(read: Queries, id: string): Promise<FleetRow | undefined> {
  return read.selectFrom('fleet_tasks').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The newest first. */
export function newestTasks(read: Queries, { offset, limit }: { offset: number; limit: number }): Promise<FleetRow[]> {
  const newest = read.selectFrom('fleet_tasks').selectAll().orderBy('requested_at', 'desc').orderBy('id');
  return newest.offset(offset).limit(limit).execute();
}

/** Tasks requested or cancelled at or after `since`; this repairs a missed notice. */
export function tasksSince(read: Queries, since: number): Promise<Pick<FleetRow, 'id' | 'cancelled_at'>[]> {
  return read
    .selectFrom('fleet_tasks')
    .select(['id', 'cancelled_at'])
    .where('requested_by', '!=', 'agent')
    .where((or) => or.or([or('requested_at', '>=', since), or('cancelled_at', '>=', since)]))
    .execute();
}

/** Restores of everything quarantined for an object, which may still begin. */
export async function undoTasks(tx: Queries, object: ObjectName, now: number): Promise<FleetRow[]> {
  return tx
    .selectFrom('fleet_tasks')
    .selectAll()
    .where('undo_type', '=', object.type)
    .where('undo_content', '=', object.content)
    .where('expires_at', '>', now)
    .where('cancelled_at', 'is', null)
    .execute();
}

/** No further agent joins the task. */
export async function closeUndo(tx: Queries, id: string): Promise<void> {
  await tx.updateTable('fleet_tasks').set({ undo_type: null, undo_content: null }).where('id', '=', id).execute();
}

/** False if it was cancelled already. */
export async function markCancelled(
  tx: Queries,
  id: string,
  of: { now: number; why: string | null },
): Promise<boolean> {
  const changed = await tx
    .updateTable('fleet_tasks')
    .set({ cancelled_at: of.now, cancel_reason: of.why })
    .where('id', '=', id)
    .where('cancelled_at', 'is', null)
    .returning('id')
    .execute();
  return changed.length === 1;
}

/** An agent's unfinished part of a task. */
export interface OpenRow {
  readonly task: string;
  readonly number: number;
  readonly kind: string;
  readonly work: Json<TaskWork>;
  readonly cancelled_at: number | null;
  readonly at: number;
  readonly progress: Row<'agent_tasks'>['progress'];
}

/** The agents of one task that have not finished it. */
export function openOfTask(tx: Queries, task: string): Promise<OpenRow[]> {
  return open(tx).where('agent_tasks.task', '=', task).execute();
}

/** Some that did not begin or finish in time: waiting and expired by `waiting`, or begun and expired by `running`. */
export function openUntil(tx: Queries, until: { waiting: number; running: number }, limit: number): Promise<OpenRow[]> {
  return open(tx)
    .where('fleet_tasks.requested_by', '!=', 'agent')
    .where((or) =>
      or.or([
        or.and([or('agent_tasks.state', '=', 'waiting'), or('fleet_tasks.expires_at', '<=', until.waiting)]),
        or('fleet_tasks.expires_at', '<=', until.running),
      ]),
    )
    .limit(limit)
    .execute();
}

const open = (read: Queries) =>
  read
    .selectFrom('agent_tasks')
    .innerJoin('fleet_tasks', 'fleet_tasks.id', 'agent_tasks.task')
    .select([
      'agent_tasks.task',
      'agent_tasks.agent_number as number',
      'fleet_tasks.kind',
      'fleet_tasks.cancelled_at',
      'agent_tasks.at',
      'agent_tasks.progress',
      (fn) => fn.fn.coalesce('agent_tasks.work', 'fleet_tasks.work').as('work'),
    ])
    .where('agent_tasks.state', 'in', [...unfinished]);

/** One agent's task, with everything that its document and seal contain. */
export interface DueRow {
  readonly task: string;
  readonly number: number;
  readonly entity_id: string;
  readonly enrolment: string;
  readonly requested_at: number;
  readonly expires_at: number;
  readonly cancelled_at: number | null;
  readonly work: Json<TaskWork>;
  readonly seal: string;
}

/** What is unfinished and may still begin: of one task, agents after `after`. */
export function dueOfTask(
  read: Queries,
  of: { task: string; after: number; now: number },
  limit: number,
): Promise<DueRow[]> {
  return due(read, of.now)
    .where('agent_tasks.task', '=', of.task)
    .where('agent_tasks.agent_number', '>', of.after)
    .orderBy('agent_tasks.agent_number')
    .limit(limit)
    .execute();
}

/** What is unfinished and may still begin: of one agent, oldest first. */
export function dueOfAgent(read: Queries, of: { agent: number; now: number }, limit: number): Promise<DueRow[]> {
  return due(read, of.now)
    .where('agent_tasks.agent_number', '=', of.agent)
    .orderBy('fleet_tasks.requested_at')
    .limit(limit)
    .execute();
}

const due = (read: Queries, now: number) =>
  read
    .selectFrom('agent_tasks')
    .innerJoin('fleet_tasks', 'fleet_tasks.id', 'agent_tasks.task')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .select([
      'agent_tasks.task',
      'agents.number',
      'agents.entity_id',
      'agents.enrolment',
      'fleet_tasks.requested_at',
      'fleet_tasks.expires_at',
      'fleet_tasks.cancelled_at',
      'agent_tasks.seal',
      (fn) => fn.fn.coalesce('agent_tasks.work', 'fleet_tasks.work').as('work'),
    ])
    .where('agent_tasks.state', 'in', [...unfinished])
    // Tasks that agents began by themselves are not sent.
    .where('fleet_tasks.requested_by', '!=', 'agent')
    .where('fleet_tasks.expires_at', '>', now)
    .where('agents.removed_at', 'is', null)
    // A file restored while its agent still has the object on its list would be quarantined again.
    .whereRef('agents.objects_revision', '>=', 'fleet_tasks.after_revision');

export function agentTask(tx: Queries, task: string, agent: number): Promise<AgentTaskRow | undefined> {
  return tx
    .selectFrom('agent_tasks')
    .selectAll()
    .where('task', '=', task)
    .where('agent_number', '=', agent)
    .executeTakeFirst();
}

export type ProgressColumns = Pick<AgentTaskRow, 'state' | 'at' | 'files' | 'bytes' | 'found' | 'progress'>;

export async function storeProgress(
  tx: Queries,
  which: { task: string; agent: number },
  columns: ProgressColumns,
): Promise<void> {
  await tx
    .updateTable('agent_tasks')
    .set(columns)
    .where('task', '=', which.task)
    .where('agent_number', '=', which.agent)
    .execute();
}

/** Ends one agent's part; the last time by its own clock stays, so that the agent may still correct this. */
export async function storeEnd(
  tx: Queries,
  which: Pick<OpenRow, 'task' | 'number'>,
  end: Pick<AgentTaskRow, 'state' | 'progress'>,
): Promise<void> {
  await tx
    .updateTable('agent_tasks')
    .set(end)
    .where('task', '=', which.task)
    .where('agent_number', '=', which.number)
    .execute();
}

/** Deletes the sweeps that an agent began by itself before `task`. */
export async function dropOwnBefore(tx: Queries, agent: number, task: string): Promise<void> {
  await tx
    .deleteFrom('agent_tasks')
    .where('agent_number', '=', agent)
    .where('task', 'like', 'list:%')
    .where('task', '!=', task)
    .execute();
}

/** The largest revision that an agent has reported for a sweep of its own; 0 if none. */
export async function newestOwn(tx: Queries, agent: number): Promise<number> {
  const rows = await tx
    .selectFrom('agent_tasks')
    .select('task')
    .where('agent_number', '=', agent)
    .where('task', 'like', 'list:%')
    .execute();
  return Math.max(0, ...rows.map((row) => Number(row.task.slice('list:'.length))));
}

/** Counts over the agents of one task, by state. */
export interface StateCount {
  readonly task: string;
  readonly state: AgentTaskRow['state'];
  readonly agents: number;
  readonly files: number;
  readonly bytes: number;
  readonly found: number;
  readonly foundOn: number;
}

export function stateCounts(read: Queries, tasks: readonly string[]): Promise<StateCount[]> {
  if (tasks.length === 0) return Promise.resolve([]);
  return read
    .selectFrom('agent_tasks')
    .select((count) => [
      'task',
      'state',
      count.fn.countAll<number>().as('agents'),
      sql<number>`sum(cast(files as double precision))`.as('files'),
      sql<number>`sum(cast(bytes as double precision))`.as('bytes'),
      sql<number>`sum(cast(found as double precision))`.as('found'),
      sql<number>`count(case when found > 0 then 1 end)`.as('foundOn'),
    ])
    .where('task', 'in', [...tasks])
    .groupBy(['task', 'state'])
    .execute();
}

/** The same for agents in the scope only, and how many others there are. */
export interface ScopedCount extends StateCount {
  readonly elsewhere: number;
}

export function scopedCounts(read: Queries, tasks: readonly string[], scope: Folders): Promise<ScopedCount[]> {
  if (tasks.length === 0) return Promise.resolve([]);
  const mine = agentsInScope(scope);
  const sumOf = (column: 'files' | 'bytes' | 'found'): RawBuilder<number> =>
    sql<number>`sum(case when ${mine} then cast(${sql.ref(column)} as double precision) else 0 end)`;
  return read
    .selectFrom('agent_tasks')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .select([
      'task',
      'state',
      sql<number>`count(case when ${mine} then 1 end)`.as('agents'),
      sumOf('files').as('files'),
      sumOf('bytes').as('bytes'),
      sumOf('found').as('found'),
      sql<number>`count(case when ${mine} and found > 0 then 1 end)`.as('foundOn'),
      sql<number>`count(case when ${mine} then null else 1 end)`.as('elsewhere'),
    ])
    .where('task', 'in', [...tasks])
    .groupBy(['task', 'state'])
    .execute();
}

/** The work of single agents in the scope, where it differs from agent to agent. */
export async function worksInScope(read: Queries, task: string, scope: Folders): Promise<Json<TaskWork>[]> {
  const rows = await read
    .selectFrom('agent_tasks')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .select('agent_tasks.work')
    .where('task', '=', task)
    .where('agent_tasks.work', 'is not', null)
    .where(agentsInScope(scope))
    .limit(1000)
    .execute();
  return rows.flatMap((row) => row.work ?? []);
}

export interface AgentOfTask {
  readonly number: number;
  readonly entity_id: string;
  readonly host_name: string;
  readonly progress: Row<'agent_tasks'>['progress'];
  readonly seen_at: number | null;
  readonly connected: 0 | 1 | null;
}

/** The agents of a task in the scope: those with matches or failures first. */
export function agentsOf(
  read: Queries,
  task: string,
  { scope, limit }: { scope: Folders; limit: number },
): Promise<AgentOfTask[]> {
  return read
    .selectFrom('agent_tasks')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .leftJoin('presence', 'presence.agent_number', 'agents.number')
    .select([
      'agents.number',
      'agents.entity_id',
      'agents.host_name',
      'agent_tasks.progress',
      'presence.seen_at',
      'presence.connected',
    ])
    .where('task', '=', task)
    .where(agentsInScope(scope))
    .orderBy(sql`case when found > 0 or state = 'failed' then 0 else 1 end`)
    .orderBy('agents.number')
    .limit(limit)
    .execute();
}

/** Ids of some agents of a task. */
export async function agentIdsOf(read: Queries, task: string, limit: number): Promise<string[]> {
  const rows = await read
    .selectFrom('agent_tasks')
    .innerJoin('agents', 'agents.number', 'agent_tasks.agent_number')
    .select('agents.entity_id')
    .where('task', '=', task)
    .limit(limit)
    .execute();
  return rows.map((row) => row.entity_id);
}

/** How many tasks are unfinished and may still run. */
export async function countOpen(read: Queries, now: number): Promise<number> {
  const row = await read
    .selectFrom('fleet_tasks')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('expires_at', '>', now)
    .where('cancelled_at', 'is', null)
    .where((or) =>
      or.exists(
        or
          .selectFrom('agent_tasks')
          .select('task')
          .whereRef('agent_tasks.task', '=', 'fleet_tasks.id')
          .where('state', 'in', [...unfinished]),
      ),
    )
    .executeTakeFirst();
  return row?.count ?? 0;
}

/** Deletes a few tasks that expired before `before`, and agents' own sweeps that no agent refers to. */
export async function purgeTasks(tx: Queries, before: number, limit: number): Promise<number> {
  const old = await tx
    .selectFrom('fleet_tasks')
    .select('id')
    .where((or) =>
      or.or([
        or('expires_at', '<', before),
        or.and([
          or('id', 'like', 'list:%'),
          or.not(
            or.exists(or.selectFrom('agent_tasks').select('task').whereRef('agent_tasks.task', '=', 'fleet_tasks.id')),
          ),
        ]),
      ]),
    )
    .limit(limit)
    .execute();
  const ids = old.map((row) => row.id);
  if (ids.length === 0) return 0;
  await tx.deleteFrom('agent_tasks').where('task', 'in', ids).execute();
  await tx.deleteFrom('searched_files').where('task', 'in', ids).execute();
  await tx.deleteFrom('fleet_tasks').where('id', 'in', ids).execute();
  return ids.length;
}
