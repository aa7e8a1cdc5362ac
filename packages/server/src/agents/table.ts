/** The agents table: other rooms read and change it through here, without SQL of their own. */
import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import type { EndpointFacts } from '@cordon/protocol/channel';
import type { ActSelector } from '@cordon/protocol/console';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import { chunks } from '../chunks.ts';
import type { Database, Prepared, Queries, Row } from '../database/database.ts';
import { putSearchable } from './list-queries.ts';
import { narrowed, prepareAgents, withPresence } from './queries.ts';
import { presenceColumns } from './rows.ts';
import { ipForm, selectorOfPerson } from './selector.ts';
import type { Addressee, AgentRow } from './rows.ts';
import type { Selector } from './selector.ts';

/** Some 2 KB each. */
const reportsPage = 1000;

export type AgentLookUp = Prepared<[string], AgentRow>;

/** On the hot path, so compiled once: an agent by its ID. */
export function prepareAgentLookUp(database: Database): AgentLookUp {
  return prepareAgents(database).byEntityId;
}

/** What an act or a preview is for. Rows outside the scope are neither read nor locked. */
export interface Reach {
  readonly selector: Selector;
  readonly scope: Folders;
}

/** All agents in the scope that match. */
export function matching(read: Queries, reach: Reach): Promise<AgentRow[]> {
  return matches(read, reach).execute();
}

/** The same in a transaction that will change them; rows are locked where others could write. */
export function matchForChange(tx: Queries, database: Database, reach: Reach): Promise<AgentRow[]> {
  return database.lockRows(matches(tx, reach), 'agents').execute();
}

/** These agents, in a transaction that will change them; those removed since are left out. */
export async function agentsForChange(
  tx: Queries,
  database: Database,
  numbers: readonly number[],
): Promise<AgentRow[]> {
  const found: AgentRow[] = [];
  for (const some of chunks(numbers)) {
    const query = withPresence(tx).selectAll('agents').select(presenceColumns).where('agents.number', 'in', some);
    const ordered = query.orderBy('agents.number');
    found.push(...(await database.lockRows(ordered, 'agents').execute()));
  }
  return found;
}

/** One agent, in a transaction that will change it; its row is locked where others could write. */
export function agentForChange(tx: Queries, database: Database, number: number): Promise<Row<'agents'> | undefined> {
  const found = tx.selectFrom('agents').selectAll().where('number', '=', number);
  return database.lockRows(found).executeTakeFirst();
}

export function agentByNumber(read: Queries, number: number): Promise<Row<'agents'> | undefined> {
  return read.selectFrom('agents').selectAll().where('number', '=', number).executeTakeFirst();
}

export function agentByEntityId(read: Queries, entityId: string): Promise<Row<'agents'> | undefined> {
  const query = read.selectFrom('agents').selectAll().where('entity_id', '=', entityId);
  return query.where('removed_at', 'is', null).executeTakeFirst();
}

const addressColumns = ['agents.number', 'agents.entity_id', 'agents.enrolment', 'agents.host_name'] as const;

/** The agents in the scope that fit; without a selector and a group, all agents in the scope. */
export function addressees(
  read: Queries,
  { selector, group, scope }: { selector?: ActSelector | undefined; group?: string | undefined; scope: Folders },
): Promise<Addressee[]> {
  const found = narrowed(read, selector === undefined ? {} : selectorOfPerson(selector))
    .select(addressColumns)
    .where(agentsInScope(scope))
    .orderBy('agents.number');
  return (group === undefined ? found : found.where('agents.group_name', '=', group)).execute();
}

/** These agents, without those that were removed. */
export async function addresseesNumbered(read: Queries, numbers: readonly number[]): Promise<Addressee[]> {
  const found: Addressee[] = [];
  for (const some of chunks(numbers)) {
    const query = read.selectFrom('agents').select(addressColumns).where('agents.number', 'in', some);
    found.push(...(await query.where('removed_at', 'is', null).execute()));
  }
  return found;
}

/** The agents among `numbers`, for a notice from another node. */
export async function agentsByNumber(read: Queries, numbers: readonly number[]): Promise<Row<'agents'>[]> {
  const found: Row<'agents'>[] = [];
  for (const some of chunks(numbers)) {
    found.push(...(await read.selectFrom('agents').selectAll().where('number', 'in', some).execute()));
  }
  return found;
}

/** Makes moved agents searchable by the name of their new folder. */
export async function reindexAgents(tx: Queries, numbers: readonly number[]): Promise<void> {
  const rows = await tx
    .selectFrom('agents')
    .select(['number', 'host_name', 'host_name_key', 'ip_addresses', 'mac_addresses', 'folder'])
    .where('number', 'in', numbers)
    .execute();
  for (const row of rows) await putSearchable(tx, row);
}

export type NewAgent = Omit<Row<'agents'>, 'number'>;

export async function insertAgent(tx: Queries, agent: NewAgent, facts: EndpointFacts): Promise<number> {
  const row = await tx.insertInto('agents').values(agent).returning('number').executeTakeFirstOrThrow();
  await insertAddresses(tx, row.number, facts);
  await putSearchable(tx, { ...agent, number: row.number });
  return row.number;
}

/** Replaces what an endpoint reports about itself. */
export async function updateFacts(
  tx: Queries,
  number: number,
  change: FactColumns,
  facts: EndpointFacts,
): Promise<void> {
  await tx.updateTable('agents').set(change).where('number', '=', number).execute();
  await tx.deleteFrom('agent_addresses').where('agent_number', '=', number).execute();
  await insertAddresses(tx, number, facts);
  const { folder } = await tx
    .selectFrom('agents')
    .select('folder')
    .where('number', '=', number)
    .executeTakeFirstOrThrow();
  await putSearchable(tx, { ...change, folder, number });
}

export type FactColumns = Pick<
  Row<'agents'>,
  | 'host_name'
  | 'host_name_key'
  | 'ip_addresses'
  | 'mac_addresses'
  | 'platform'
  | 'agent_version'
  | 'can_isolate'
  | 'product'
  | 'ad_domain'
>;

export type ReportColumns = Pick<
  Row<'agents'>,
  | 'reported_isolation'
  | 'reported_epoch'
  | 'reported_at'
  | 'report'
  | 'problem'
  | 'objects_revision'
  | 'object_status'
  | 'tampering_count'
  | 'tampering_at'
>;

export async function storeReport(tx: Queries, number: number, report: ReportColumns): Promise<void> {
  await tx.updateTable('agents').set(report).where('number', '=', number).execute();
}

/** Removes an agent from every list; its row stays, because the history refers to it. */
export async function markRemoved(tx: Queries, number: number, now: number): Promise<void> {
  await tx.updateTable('agents').set({ removed_at: now }).where('number', '=', number).execute();
  await tx.deleteFrom('agent_addresses').where('agent_number', '=', number).execute();
  await tx.deleteFrom('agent_search').where('agent_number', '=', number).execute();
  await tx.deleteFrom('presence').where('agent_number', '=', number).execute();
}

export async function storePresence(tx: Queries, rows: readonly Row<'presence'>[]): Promise<void> {
  for (const some of chunks(rows)) {
    await tx
      .insertInto('presence')
      .values(some)
      .onConflict((conflict) =>
        conflict
          .column('agent_number')
          .doUpdateSet((row) => ({
            server_id: row.ref('excluded.server_id'),
            connected: row.ref('excluded.connected'),
            seen_at: row.ref('excluded.seen_at'),
          }))
          // Only the node that holds a channel can report it closed: the agent may have moved meanwhile.
          .where((row) =>
            row.or([row('excluded.connected', '=', 1), row('presence.server_id', '=', row.ref('excluded.server_id'))]),
          ),
      )
      .execute();
  }
}

/** Reads the narrow table, which has a row for each agent that was not removed. */
export async function countAgents(read: Queries): Promise<number> {
  const all = read.selectFrom('agent_search').select((count) => count.fn.countAll<number>().as('count'));
  return (await all.executeTakeFirst())?.count ?? 0;
}

/** Every agent with its last report, a page at a time; null before the first. */
export async function* reportsOfAll(read: Queries): AsyncGenerator<Pick<Row<'agents'>, 'host_name' | 'report'>> {
  const all = read.selectFrom('agents').select(['number', 'host_name', 'report']).where('removed_at', 'is', null);
  const pageAfter = (number: number): ReturnType<typeof all.execute> =>
    all.where('number', '>', number).orderBy('number').limit(reportsPage).execute();
  for (let page = await pageAfter(0); page.length > 0; page = await pageAfter(page.at(-1)?.number ?? 0)) yield* page;
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
  const outside = sql<SqlBool>`not ${agentsInScope(scope)}`;
  for (const some of chunks(numbers)) {
    const found = read.selectFrom('agents').select('number').where('number', 'in', some).where(outside).limit(1);
    if ((await found.executeTakeFirst()) !== undefined) return true;
  }
  return false;
}

/** By number. */
export async function hostNames(read: Queries, numbers: readonly number[]): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const some of chunks(numbers)) {
    const rows = read.selectFrom('agents').select(['number', 'host_name']).where('number', 'in', some);
    for (const row of await rows.execute()) names.set(row.number, row.host_name);
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

// oxlint-disable-next-line typescript/explicit-function-return-type -- Kysely's own, and long
function matches(queries: Queries, { selector, scope }: Reach) {
  const found = narrowed(queries, selector).where(agentsInScope(scope));
  return found.selectAll('agents').select(presenceColumns).orderBy('agents.number');
}

async function insertAddresses(tx: Queries, number: number, facts: EndpointFacts): Promise<void> {
  const ips = new Set(facts.addresses.map(ipForm));
  const rows = [
    ...[...ips].map((address) => ({ agent_number: number, kind: 'ip' as const, address })),
    ...[...new Set(facts.macs)].map((address) => ({ agent_number: number, kind: 'mac' as const, address })),
  ];
  if (rows.length > 0) await tx.insertInto('agent_addresses').values(rows).execute();
}
