/** Rows of the agents, by every way they are asked for. */
import { sql } from 'kysely';
import type { Compilable, SelectQueryBuilder } from 'kysely';
import type { EndpointFacts } from '@cordon/protocol/channel';
import { agentsInScope } from '../accounts/scope.ts';
import type { Folders } from '../accounts/scope.ts';
import type { Database, Prepared, Queries, Row, Tables } from '../database/database.ts';
import { putSearchable } from './list-queries.ts';
import { ipForm } from './selector.ts';
import type { Addressee, AgentRow, ListedAgent, SealedDesiredState, DesiredRow } from './rows.ts';
import type { Selector } from './selector.ts';
import type { DesiredStateSeal } from './wish-seal.ts';

const pageSize = 250;
/** Rows in one statement; below the parameter limits of both databases. */
const chunkSize = 500;

type AgentSelection = SelectQueryBuilder<
  Tables & { presence: Tables['presence'] },
  'agents' | 'presence',
  // oxlint-disable-next-line typescript/no-empty-object-type -- Kysely's word for "nothing selected yet"
  {}
>;

type Matches = SelectQueryBuilder<Tables & { presence: Tables['presence'] }, 'agents' | 'presence', AgentRow>;

/** The hot ones, compiled once: an agent by one exact property. */
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

/** Everybody who matches. */
export function matching(read: Queries, selector: Selector): Promise<AgentRow[]> {
  return matches(read, selector).execute();
}

/** Everybody who matches, in a transaction that is about to change them; rows are locked where others could write. */
export function matchForChange(tx: Queries, database: Database, selector: Selector): Promise<AgentRow[]> {
  const found = matches(tx, selector);
  return database.lockRows(found, 'agents').execute();
}

/** These agents, in a transaction that is about to change them; those that were removed since are left out. */
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

/** Agents that are wanted isolated under `profile`, in a transaction that is about to change them. */
export function isolatedUnder(tx: Queries, database: Database, profile: string): Promise<Row<'agents'>[]> {
  const found = tx
    .selectFrom('agents')
    .selectAll()
    .where('desired_isolation', '=', 'isolated')
    .where('desired_profile', '=', profile)
    .where('removed_at', 'is', null);
  return database.lockRows(found).execute();
}

/** Agents of a group, in a transaction that is about to change them. */
export function agentsInGroup(tx: Queries, database: Database, group: string): Promise<Row<'agents'>[]> {
  const found = tx.selectFrom('agents').selectAll().where('group_name', '=', group).where('removed_at', 'is', null);
  const ordered = found.orderBy('number');
  return database.lockRows(ordered).execute();
}

export async function setProtected(tx: Queries, number: number, isProtected: 0 | 1): Promise<void> {
  await tx.updateTable('agents').set({ protected: isProtected }).where('number', '=', number).execute();
}

/** One page of those that match, after the agent `after`; the caller goes on until a page is short. */
export function pageOf(at: Queries, selector: Selector, after: number): Promise<ListedAgent[]> {
  return narrowed(at, selector)
    .select(listedColumns)
    .where('agents.number', '>', after)
    .orderBy('agents.number')
    .limit(pageSize)
    .execute();
}

/** Whether a page came back full, so that another may follow. */
export function isFull(page: readonly ListedAgent[]): boolean {
  return page.length === pageSize;
}

/** Columns of a wish, set on each of `numbers` beside a new epoch. */
export interface DesiredChange {
  readonly desired_isolation?: 'normal' | 'isolated';
  readonly desired_installed?: 0 | 1;
  readonly server_id?: string;
  readonly folder?: string;
  readonly desired_deadline?: number | null;
  readonly desired_profile?: string | null;
  readonly desired_message?: string | null;
  readonly desired_approvals?: number;
  readonly group_name?: string;
}

/**
 * Gives each agent the changed wish and the next epoch, sealed; returns the wishes as they are now. The rows must be
 * locked, or nobody else may write: what is sealed is worked out from them.
 */
export async function changeDesired(
  tx: Queries,
  seal: DesiredStateSeal,
  rows: readonly Row<'agents'>[],
  change: DesiredChange & { readonly now: number },
): Promise<SealedDesiredState[]> {
  const { now, ...columns } = change;
  const after = rows.map((row) =>
    sealed(seal, { ...row, ...columns, desired_epoch: row.desired_epoch + 1, desired_at: now }),
  );
  for (const some of chunks(after)) {
    const seals = sql.join(
      some.map((desired) => sql`when ${desired.number} then ${desired.desired_seal}`),
      sql` `,
    );
    const numbers = some.map((desired) => desired.number);
    await tx
      .updateTable('agents')
      .set((row) => ({
        ...columns,
        ...(columns.desired_isolation === undefined ? {} : { isolation_epoch: row('desired_epoch', '+', 1) }),
        desired_epoch: row('desired_epoch', '+', 1),
        desired_at: now,
        desired_seal: sql<string>`case number ${seals} end`,
      }))
      .where('number', 'in', numbers)
      .execute();
    if (columns.folder !== undefined) await searchAnew(tx, numbers);
  }
  return after;
}

/** Agents that were moved to another folder are found by its name. */
async function searchAnew(tx: Queries, numbers: readonly number[]): Promise<void> {
  const rows = await tx
    .selectFrom('agents')
    .select(['number', 'host_name', 'host_name_key', 'ip_addresses', 'mac_addresses', 'folder'])
    .where('number', 'in', numbers)
    .execute();
  for (const row of rows) await putSearchable(tx, row);
}

function sealed<W extends DesiredRow>(seal: DesiredStateSeal, desired: W): W & SealedDesiredState {
  return { ...desired, desired_seal: seal.of(desired) };
}

/** Every agent gets the next epoch, its wish otherwise unchanged: what orders say of the servers has changed. */
export async function renewAllDesired(tx: Queries, seal: DesiredStateSeal, now: number): Promise<void> {
  let rows: Row<'agents'>[] = [];
  do {
    const after = rows.at(-1)?.number ?? 0;
    const page = tx.selectFrom('agents').selectAll().where('number', '>', after).where('removed_at', 'is', null);
    rows = await page.orderBy('number').limit(chunkSize).execute();
    // A wish that does not fit its seal is not Cordon's, and is not made so here.
    const genuine = rows.filter((row) => seal.fits(row));
    await changeDesired(tx, seal, genuine, { now });
  } while (rows.length === chunkSize);
}

/** An agent that came back with a larger epoch than ours (we were restored from a backup): go past it. */
export async function overtakeEpoch(
  tx: Queries,
  seal: DesiredStateSeal,
  row: Row<'agents'>,
  past: { epoch: number; now: number },
): Promise<SealedDesiredState> {
  const desired_epoch = past.epoch + 1;
  const after = sealed(seal, { ...row, desired_epoch, isolation_epoch: desired_epoch, desired_at: past.now });
  const { isolation_epoch, desired_at, desired_seal } = after;
  const columns = { desired_epoch, isolation_epoch, desired_at, desired_seal };
  await tx.updateTable('agents').set(columns).where('number', '=', row.number).execute();
  return after;
}

/** An agent in a transaction that is about to change it; its row is locked where others could write. */
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

export function addresseesMatching(
  read: Queries,
  selector: Selector,
  { group, scope }: { group?: string | undefined; scope: Folders },
): Promise<Addressee[]> {
  const found = narrowed(read, selector).select(addressColumns).where(agentsInScope(scope)).orderBy('agents.number');
  return (group === undefined ? found : found.where('agents.group_name', '=', group)).execute();
}

export async function addresseesByNumber(read: Queries, numbers: readonly number[]): Promise<Addressee[]> {
  const found: Addressee[] = [];
  for (const some of chunks(numbers)) {
    const query = read.selectFrom('agents').select(addressColumns).where('agents.number', 'in', some);
    found.push(...(await query.where('removed_at', 'is', null).execute()));
  }
  return found;
}

/** Agents among `numbers`, for a nudge that another node asked for. */
export async function agentsByNumber(read: Queries, numbers: readonly number[]): Promise<Row<'agents'>[]> {
  const found: Row<'agents'>[] = [];
  for (const some of chunks(numbers)) {
    found.push(...(await read.selectFrom('agents').selectAll().where('number', 'in', some).execute()));
  }
  return found;
}

/** Agents whose wish changed at or after `since`, oldest first; the repair for a notice that was missed. */
export function desiredSince(read: Queries, since: number, limit: number): Promise<Row<'agents'>[]> {
  return read
    .selectFrom('agents')
    .selectAll()
    .where('desired_at', '>=', since)
    .orderBy('desired_at')
    .limit(limit)
    .execute();
}

export type NewAgent = Omit<Row<'agents'>, 'number'>;

export async function insertAgent(tx: Queries, agent: NewAgent, facts: EndpointFacts): Promise<number> {
  const row = await tx.insertInto('agents').values(agent).returning('number').executeTakeFirstOrThrow();
  await insertAddresses(tx, row.number, facts);
  await putSearchable(tx, { ...agent, number: row.number });
  return row.number;
}

/** Replaces what an endpoint says of itself. */
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

/** Takes an agent out of every list; its row stays, for the history that points to it. */
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
          // Only the node that holds a channel can say that it is gone: the agent may have moved meanwhile.
          .where((row) =>
            row.or([row('excluded.connected', '=', 1), row('presence.server_id', '=', row.ref('excluded.server_id'))]),
          ),
      )
      .execute();
  }
}

function matches(queries: Queries, selector: Selector): Matches {
  return narrowed(queries, selector).selectAll('agents').select(presenceColumns).orderBy('agents.number');
}

function narrowed(queries: Queries, selector: Selector): AgentSelection {
  let query = withPresence(queries);
  if (selector.entityId !== undefined) query = query.where('entity_id', '=', selector.entityId);
  if (selector.hostName !== undefined) query = query.where('host_name_key', '=', selector.hostName);
  if (selector.product !== undefined) query = query.where(sql`lower(product)`, '=', sql`lower(${selector.product})`);
  if (selector.serverId !== undefined) query = query.where('agents.server_id', '=', selector.serverId);
  if (selector.ip !== undefined) query = withAddress(query, 'ip', selector.ip);
  if (selector.mac !== undefined) query = withAddress(query, 'mac', selector.mac);
  return query;
}

function withPresence(queries: Queries): AgentSelection {
  return queries
    .selectFrom('agents')
    .leftJoin('presence', 'presence.agent_number', 'agents.number')
    .where('removed_at', 'is', null);
}

const presenceColumns = ['presence.seen_at', 'presence.connected'] as const;

/** Not all of them: SQLite hands a row over cell by cell, and a row's report is longer than the rest of it. */
const listedColumns = [
  'agents.number',
  'agents.entity_id',
  'agents.product',
  'agents.server_id',
  'agents.ad_domain',
  'agents.folder',
  'agents.ip_addresses',
  'agents.mac_addresses',
  'agents.host_name',
  'agents.platform',
  'agents.agent_version',
  'agents.can_isolate',
  'agents.desired_isolation',
  'agents.isolation_epoch',
  'agents.reported_isolation',
  'agents.reported_epoch',
  'agents.enrolled_at',
  ...presenceColumns,
] as const;

/** Any element of an agent's list may match (contract 8, rule 23). */
function withAddress(query: AgentSelection, kind: 'ip' | 'mac', address: string): AgentSelection {
  return query.where('agents.number', 'in', (inner) =>
    inner.selectFrom('agent_addresses').select('agent_number').where('kind', '=', kind).where('address', '=', address),
  );
}

async function insertAddresses(tx: Queries, number: number, facts: EndpointFacts): Promise<void> {
  const ips = new Set(facts.addresses.map(ipForm));
  const rows = [
    ...[...ips].map((address) => ({ agent_number: number, kind: 'ip' as const, address })),
    ...[...new Set(facts.macs)].map((address) => ({ agent_number: number, kind: 'mac' as const, address })),
  ];
  if (rows.length > 0) await tx.insertInto('agent_addresses').values(rows).execute();
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += chunkSize) yield items.slice(start, start + chunkSize);
}
