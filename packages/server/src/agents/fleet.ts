/** Counts of agents and walks over them, for other rooms: in the transaction or snapshot of their own answer. */
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';

/** Rows per statement; below the parameter limits of both databases. */
const chunkSize = 500;

/** Reads the narrow table, which has a row for each agent that was not removed. */
export async function countAgents(read: Queries): Promise<number> {
  const all = read.selectFrom('agent_search').select((count) => count.fn.countAll<number>().as('count'));
  return (await all.executeTakeFirst())?.count ?? 0;
}

/** How many agents are to be isolated. */
export async function countToIsolate(read: Queries): Promise<number> {
  const desired = read.selectFrom('agents').where('desired_isolation', '=', 'isolated').where('removed_at', 'is', null);
  const row = await desired.select((count) => count.fn.countAll<number>().as('count')).executeTakeFirst();
  return row?.count ?? 0;
}

/** How many agents each group has, without empty groups. */
export async function agentsPerGroup(read: Queries): Promise<Map<string, number>> {
  const rows = await read
    .selectFrom('agents')
    .select((count) => ['group_name', count.fn.countAll<number>().as('count')])
    .where('removed_at', 'is', null)
    .groupBy('group_name')
    .execute();
  return new Map(rows.map((row) => [row.group_name, row.count]));
}

/** Whether any of these agents is outside the scope. */
export async function anyOutside(read: Queries, numbers: readonly number[], scope: Folders): Promise<boolean> {
  for (let start = 0; start < numbers.length; start += chunkSize) {
    const outside = await read
      .selectFrom('agents')
      .select('number')
      .where('number', 'in', numbers.slice(start, start + chunkSize))
      .where(sql<SqlBool>`not ${agentsInScope(scope)}`)
      .limit(1)
      .executeTakeFirst();
    if (outside !== undefined) return true;
  }
  return false;
}

/** By number. */
export async function hostNames(read: Queries, numbers: readonly number[]): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let start = 0; start < numbers.length; start += chunkSize) {
    const rows = await read
      .selectFrom('agents')
      .select(['number', 'host_name'])
      .where('number', 'in', numbers.slice(start, start + chunkSize))
      .execute();
    for (const row of rows) names.set(row.number, row.host_name);
  }
  return names;
}

/** What the status of an object on an agent is derived from. */
export type EnforcingAgent = Pick<
  Row<'agents'>,
  'number' | 'entity_id' | 'host_name' | 'folder' | 'group_name' | 'object_status' | 'objects_revision'
>;

/** One page of all agents, after the agent `after`. */
export function enforcingAgents(at: Queries, after: number, limit: number): Promise<EnforcingAgent[]> {
  return at
    .selectFrom('agents')
    .select(['number', 'entity_id', 'host_name', 'folder', 'group_name', 'object_status', 'objects_revision'])
    .where('removed_at', 'is', null)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute();
}

/** How many agents are in these groups. */
export async function countInGroups(read: Queries, groups: readonly string[]): Promise<number> {
  const members = read
    .selectFrom('agents')
    .where('removed_at', 'is', null)
    .where('group_name', 'in', [...groups]);
  const row = await members.select((count) => count.fn.countAll<number>().as('count')).executeTakeFirst();
  return row?.count ?? 0;
}
