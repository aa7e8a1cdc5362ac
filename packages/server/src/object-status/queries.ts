/** The agents' columns that an object's status needs. */
import type { Queries, Row } from '../database/database.ts';

export type HoldingAgent = Pick<
  Row<'agents'>,
  'number' | 'entity_id' | 'host_name' | 'folder' | 'group_name' | 'object_status' | 'objects_revision'
>;

/** One page of all agents, after the agent `after`. */
export function holdingAgents(at: Queries, after: number, limit: number): Promise<HoldingAgent[]> {
  return at
    .selectFrom('agents')
    .select(['number', 'entity_id', 'host_name', 'folder', 'group_name', 'object_status', 'objects_revision'])
    .where('removed_at', 'is', null)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute();
}

/** How many agents are in these groups; in all groups for null. */
export async function agentsIn(read: Queries, groups: readonly string[]): Promise<number> {
  const row = await read
    .selectFrom('agents')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('removed_at', 'is', null)
    .where('group_name', 'in', [...groups])
    .executeTakeFirst();
  return row?.count ?? 0;
}
