/** Rows of the tasks, and of each agent's progress on them. */
import type { ObjectName, TaskWork } from '@cordon/protocol/channel';
import type { Queries, Row } from '../database/database.ts';
import type { Json } from '../database/json.ts';

export type FleetRow = Row<'fleet_tasks'>;
export type AgentTaskRow = Row<'agent_tasks'>;

/** Rows in one statement; below the parameter limits of both databases. */
const chunkSize = 500;
export const unfinished = ['waiting', 'running'] as const;
/** The columns of an agent that has not begun. */
export const notBegun = { state: 'waiting', at: 0, files: 0, bytes: 0, found: 0, progress: null } as const;

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

export function agentTask(tx: Queries, task: string, agent: number): Promise<AgentTaskRow | undefined> {
  return tx
    .selectFrom('agent_tasks')
    .selectAll()
    .where('task', '=', task)
    .where('agent_number', '=', agent)
    .executeTakeFirst();
}

/** Of an end that the server decided, `at` is not changed: it is the agent's own clock, and the agent may correct it. */
export async function storeProgress(
  tx: Queries,
  { task, number }: { task: string; number: number },
  columns: Partial<Pick<AgentTaskRow, 'state' | 'at' | 'files' | 'bytes' | 'found' | 'progress'>>,
): Promise<void> {
  const agents = tx.updateTable('agent_tasks').where('task', '=', task).where('agent_number', '=', number);
  await agents.set(columns).execute();
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
