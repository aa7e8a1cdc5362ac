/** Queries of the console's list: which agents match, slice by slice in name order. */
import { sql } from 'kysely';
import { chunks } from '../chunks.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import type { AgentRow } from './rows.ts';

/** A slice starts after this agent. */
export interface ListMark {
  readonly name: string;
  readonly number: number;
}

/** The filters the database applies to a slice. */
export interface Narrowing {
  /** Lower case; empty for all agents. */
  readonly words: readonly string[];
  /** Whether the folder and the columns for isolation and presence are needed. */
  readonly whole: boolean;
}

/** An agent that matches the words. Everything but its number is a placeholder where it was not requested. */
export type ListCandidate = Pick<
  AgentRow,
  | 'number'
  | 'folder'
  | 'can_isolate'
  | 'desired_isolation'
  | 'isolation_epoch'
  | 'reported_isolation'
  | 'reported_epoch'
  | 'seen_at'
  | 'connected'
>;

type Searchable = Pick<
  Row<'agents'>,
  'number' | 'host_name' | 'host_name_key' | 'ip_addresses' | 'mac_addresses' | 'folder'
>;

/** Makes an agent searchable by what it currently reports about itself. */
export async function putSearchable(tx: Queries, agent: Searchable): Promise<void> {
  const macs = agent.mac_addresses;
  const parts = [agent.host_name, agent.ip_addresses, macs, macs.replaceAll('-', ':'), agent.folder];
  const row = { host_name_key: agent.host_name_key, folder: agent.folder, words: parts.join(' ').toLowerCase() };
  await tx
    .insertInto('agent_search')
    .values({ agent_number: agent.number, ...row })
    .onConflict((conflict) => conflict.column('agent_number').doUpdateSet(row))
    .execute();
}

/**
 * Agents of one slice; undefined for all at once. SQLite reads on the main thread, so a slice is only as long as a
 * short wait allows. PostgreSQL has processes of its own and costs one round trip per slice; there only the returned
 * rows take our time, and a search returns few.
 */
export function sliceSize(database: Database, { words }: Narrowing): number | undefined {
  if (database.dialect === 'sqlite') return 1500;
  return words.length > 0 ? undefined : 10_000;
}

/** Grows with every agent that enrols. */
export async function newestAgent(read: Queries): Promise<number> {
  const row = await read
    .selectFrom('agent_search')
    .select((found) => found.fn.max('agent_number').as('newest'))
    .executeTakeFirst();
  return row?.newest ?? 0;
}

/** The last agent of the slice that starts after `mark`; undefined when the slice reaches the end. */
export async function endOfSlice(read: Queries, mark: ListMark, size: number): Promise<ListMark | undefined> {
  const row = await read
    .selectFrom('agent_search')
    .select(['host_name_key', 'agent_number'])
    .where(after(mark))
    .orderBy('agent_search.host_name_key')
    .orderBy('agent_search.agent_number')
    .offset(size - 1)
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { name: row.host_name_key, number: row.agent_number };
}

/** The matching agents between two marks, in name order. */
export async function candidatesBetween(
  read: Queries,
  from: ListMark,
  to: ListMark | undefined,
  { words, whole }: Narrowing,
): Promise<ListCandidate[]> {
  let query = read.selectFrom('agent_search').where(after(from));
  if (to !== undefined)
    query = query.where(
      sql<boolean>`(agent_search.host_name_key, agent_search.agent_number) <= (${to.name}, ${to.number})`,
    );
  for (const word of words) query = query.where(hasWord(word));
  const ordered = query.orderBy('agent_search.host_name_key').orderBy('agent_search.agent_number');
  if (!whole) {
    const rows = await ordered.select('agent_number as number').execute();
    return rows.map((row) => bare(row.number));
  }
  return ordered
    .innerJoin('agents', 'agents.number', 'agent_search.agent_number')
    .leftJoin('presence', 'presence.agent_number', 'agent_search.agent_number')
    .select([
      'agents.number',
      'agents.folder',
      'agents.can_isolate',
      'agents.desired_isolation',
      'agents.isolation_epoch',
    ])
    .select(['agents.reported_isolation', 'agents.reported_epoch', 'presence.seen_at', 'presence.connected'])
    .execute();
}

function bare(number: number): ListCandidate {
  return {
    number,
    folder: '',
    can_isolate: 0,
    desired_isolation: 'normal',
    isolation_epoch: 0,
    reported_isolation: 'normal',
    reported_epoch: 0,
    seen_at: null,
    connected: null,
  };
}

/** The folders of these agents by ID, without removed agents. */
export async function agentFolders(read: Queries, ids: readonly string[]): Promise<Map<string, string>> {
  const folders = new Map<string, string>();
  for (const chunk of chunks(ids)) {
    const some = read.selectFrom('agents').select(['entity_id', 'folder']).where('removed_at', 'is', null);
    const rows = await some.where('entity_id', 'in', chunk).execute();
    for (const row of rows) folders.set(row.entity_id, row.folder);
  }
  return folders;
}

/** Agents as the console's list shows them, in no order. */
export function shownAgents(read: Queries, numbers: readonly number[]): Promise<ShownAgent[]> {
  return shown(read).where('agents.number', 'in', numbers).execute();
}

/** The agents that enrolled last, newest first. */
export function newestAgents(read: Queries, limit: number): Promise<ShownAgent[]> {
  return shown(read).orderBy('agents.number', 'desc').limit(limit).execute();
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- a page of Kysely's own words
function shown(read: Queries) {
  return read
    .selectFrom('agents')
    .leftJoin('presence', 'presence.agent_number', 'agents.number')
    .select(['agents.number', 'entity_id', 'host_name', 'folder', 'ip_addresses', 'mac_addresses', 'platform'])
    .select(['agent_version', 'product', 'agents.server_id', 'can_isolate', 'desired_isolation', 'isolation_epoch'])
    .select(['reported_isolation', 'reported_epoch', 'protected', 'desired_deadline', 'desired_profile', 'enrolled_at'])
    .select(['presence.seen_at', 'presence.connected'])
    .where('removed_at', 'is', null);
}

export type ShownAgent = Awaited<ReturnType<ReturnType<typeof shown>['execute']>>[number];

function after({ name, number }: ListMark): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`(agent_search.host_name_key, agent_search.agent_number) > (${name}, ${number})`;
}

/** Whether the searchable text of an agent contains this; lower case. */
export function hasWord(word: string): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`words like ${`%${literal(word)}%`} escape '\\'`;
}

/** Escapes text so that LIKE takes it literally. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
