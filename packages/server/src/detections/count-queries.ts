/** Counts of detections for charts, over a span of time. */
import { sql } from 'kysely';
import type { SelectQueryBuilder } from 'kysely';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Tables } from '../database/database.ts';
import type { DetectionRow } from './stored-form.ts';

/** How often each action was taken within a span, on agents in the scope. */
export function actionCounts(
  read: Queries,
  { from, to }: { from: number; to: number },
  scope: Folders,
): Promise<{ action: string; count: number }[]> {
  return inScope(read, scope)
    .select(['action', sql<number>`sum(cast(count as double precision))`.as('count')])
    .where('at', '>=', from)
    .where('at', '<', to)
    .groupBy('action')
    .execute();
}

export interface ObjectCount {
  readonly type: DetectionRow['object_type'];
  readonly content: string;
  readonly count: number;
  readonly agents: number;
}

/** The objects detected most within a span, among the newest `among` detections. */
export function objectCounts(
  read: Queries,
  time: { from: number; to: number },
  most: { among: number; limit: number },
): Promise<ObjectCount[]> {
  return read
    .selectFrom((inner) =>
      inner
        .selectFrom('detections')
        .select(['object_type', 'object_content', 'agent_number', 'count'])
        .where('at', '>=', time.from)
        .where('at', '<', time.to)
        .orderBy('at', 'desc')
        .limit(most.among)
        .as('recent'),
    )
    .select([
      'object_type as type',
      'object_content as content',
      sql<number>`sum(cast(count as double precision))`.as('count'),
      sql<number>`count(distinct agent_number)`.as('agents'),
    ])
    .groupBy(['object_type', 'object_content'])
    .orderBy('count', 'desc')
    .limit(most.limit)
    .execute();
}

/** How often each agent in the scope detected each object within a span; `lines` counts the rows. */
export interface AgentObjectCount {
  readonly type: DetectionRow['object_type'];
  readonly content: string;
  readonly agent: number;
  readonly count: number;
  readonly lines: number;
}

export function agentObjectCounts(
  read: Queries,
  { from, to }: { from: number; to: number },
  scope: Folders,
): Promise<AgentObjectCount[]> {
  return inScope(read, scope)
    .select([
      'object_type as type',
      'object_content as content',
      'agent_number as agent',
      sql<number>`sum(cast(count as double precision))`.as('count'),
      sql<number>`count(*)`.as('lines'),
    ])
    .where('at', '>=', from)
    .where('at', '<', to)
    .groupBy(['object_type', 'object_content', 'agent_number'])
    .execute();
}

/** Detections of agents in the scope. */
function inScope(read: Queries, scope: Folders): SelectQueryBuilder<Tables, 'detections', {}> {
  const all = read.selectFrom('detections');
  if (scope.length === 0) return all;
  return all.where((or) =>
    or.exists(
      or
        .selectFrom('agents')
        .select('agents.number')
        .whereRef('agents.number', '=', 'detections.agent_number')
        .where(agentsInScope(scope)),
    ),
  );
}
