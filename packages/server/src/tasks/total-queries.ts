/** Totals of tasks over their agents, and the agents of one task, for people who may see some or all of them. */
import { sql } from 'kysely';
import type { TaskWork } from '@cordon/protocol/channel';
import type { RawBuilder } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';
import type { Json } from '../database/json.ts';
import { unfinished } from './queries.ts';
import type { AgentTaskRow } from './queries.ts';

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
