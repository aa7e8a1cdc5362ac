/** Queries that select agents: by selector, page by page, by one exact property. */
import { sql } from 'kysely';
import type { Compilable, SelectQueryBuilder } from 'kysely';
import { agentsInScope, scopeForm } from '../access/scope.ts';
import type { Database, Prepared, Queries, Tables } from '../database/database.ts';
import { hasWord } from './list-queries.ts';
import { listedColumns, presenceColumns } from './rows.ts';
import type { AgentRow, ListedAgent } from './rows.ts';
import type { Selector } from './selector.ts';

const pageSize = 250;

export type AgentSelection = SelectQueryBuilder<
  Tables & { presence: Tables['presence'] },
  'agents' | 'presence',
  // oxlint-disable-next-line typescript/no-empty-object-type -- Kysely's word for "nothing selected yet"
  {}
>;

/** On the hot path, so compiled once: an agent by one exact property. */
export interface PreparedAgents {
  readonly listedByHostName: Prepared<[string], ListedAgent>;
  readonly listedByEntityId: Prepared<[string], ListedAgent>;
  readonly byEntityId: Prepared<[string], AgentRow>;
}

export function prepareAgents(database: Database): PreparedAgents {
  return {
    listedByHostName: database.prepare((queries, name: string): Compilable<ListedAgent> =>
      withPresence(queries).select(listedColumns).where('host_name_key', '=', name).orderBy('number'),
    ),
    listedByEntityId: database.prepare((queries, id: string): Compilable<ListedAgent> =>
      withPresence(queries).select(listedColumns).where('entity_id', '=', id),
    ),
    byEntityId: database.prepare((queries, id: string): Compilable<AgentRow> =>
      withPresence(queries).selectAll('agents').select(presenceColumns).where('entity_id', '=', id),
    ),
  };
}

/** One page of the matching agents, after the agent `after`; the caller continues until a page is not full. */
export function pageOf(at: Queries, selector: Selector, after: number): Promise<ListedAgent[]> {
  return narrowed(at, selector)
    .select(listedColumns)
    .where('agents.number', '>', after)
    .orderBy('agents.number')
    .limit(pageSize)
    .execute();
}

/** Whether a page is full, so that another may follow. */
export function isFull(page: readonly ListedAgent[]): boolean {
  return page.length === pageSize;
}

export async function setProtected(tx: Queries, number: number, isProtected: 0 | 1): Promise<void> {
  await tx.updateTable('agents').set({ protected: isProtected }).where('number', '=', number).execute();
}

export function narrowed(queries: Queries, selector: Selector): AgentSelection {
  let query = withPresence(queries);
  if (selector.entityId !== undefined) query = query.where('entity_id', '=', selector.entityId);
  if (selector.hostName !== undefined) query = query.where('host_name_key', '=', selector.hostName);
  if (selector.product !== undefined) query = query.where(sql`lower(product)`, '=', sql`lower(${selector.product})`);
  if (selector.serverId !== undefined) query = query.where('agents.server_id', '=', selector.serverId);
  if (selector.ip !== undefined) query = withAddress(query, 'ip', selector.ip);
  if (selector.mac !== undefined) query = withAddress(query, 'mac', selector.mac);
  if (selector.entityIds !== undefined) query = query.where('entity_id', 'in', selector.entityIds);
  if (selector.folder !== undefined) query = query.where(agentsInScope(scopeForm([selector.folder])));
  if (selector.group !== undefined) query = query.where('agents.group_name', '=', selector.group);
  for (const word of selector.words ?? []) query = withWord(query, word);
  return query;
}

/** Any fragment of the list's searchable text finds an agent. */
function withWord(query: AgentSelection, word: string): AgentSelection {
  return query.where('agents.number', 'in', (inner) =>
    inner.selectFrom('agent_search').select('agent_number').where(hasWord(word)),
  );
}

export function withPresence(queries: Queries): AgentSelection {
  return queries
    .selectFrom('agents')
    .leftJoin('presence', 'presence.agent_number', 'agents.number')
    .where('removed_at', 'is', null);
}

/** Any element of an agent's list may match (contract 8, rule 23). */
function withAddress(query: AgentSelection, kind: 'ip' | 'mac', address: string): AgentSelection {
  return query.where('agents.number', 'in', (inner) =>
    inner.selectFrom('agent_addresses').select('agent_number').where('kind', '=', kind).where('address', '=', address),
  );
}
