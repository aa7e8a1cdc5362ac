/** Rows of the prevalence records: which agents reported which files. */
import { sql } from 'kysely';
import type { Queries, Row } from '../database/database.ts';

export type PrevalenceRecord = Row<'prevalence_records'>;

/** Adds or renews records. A known owning package is kept if the new record names none. */
export async function putRecords(tx: Queries, rows: readonly PrevalenceRecord[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('prevalence_records')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['sha1', 'agent_number']).doUpdateSet((row) => ({
        path_count: row.ref('excluded.path_count'),
        package: row.fn.coalesce('excluded.package', 'prevalence_records.package'),
        last_seen_at: row.ref('excluded.last_seen_at'),
      })),
    )
    .execute();
}

/** An agent searched for these files and does not hold them. */
export async function deleteRecords(tx: Queries, agent: number, sha1s: readonly string[]): Promise<void> {
  if (sha1s.length === 0) return;
  await tx
    .deleteFrom('prevalence_records')
    .where('agent_number', '=', agent)
    .where('sha1', 'in', [...sha1s])
    .execute();
}

/** Deletes some records older than `before`; returns how many. */
export async function deleteOldRecords(tx: Queries, before: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom('prevalence_records')
    .where((row) =>
      row(
        row.refTuple('sha1', 'agent_number'),
        'in',
        row
          .selectFrom('prevalence_records as old')
          .select(['old.sha1', 'old.agent_number'])
          .where('old.last_seen_at', '<', before)
          .limit(limit)
          .$asTuple('sha1', 'agent_number'),
      ),
    )
    .returning('sha1')
    .execute();
  return gone.length;
}

/** Deletes the records of a few removed agents; returns how many agents. */
export async function deleteRecordsOfRemovedAgents(tx: Queries, limit: number): Promise<number> {
  const agents = await tx
    .selectFrom('agents')
    .select('number')
    .where('removed_at', 'is not', null)
    .where((or) =>
      or.exists(
        or.selectFrom('prevalence_records').select('agent_number').whereRef('agent_number', '=', 'agents.number'),
      ),
    )
    .limit(limit)
    .execute();
  const numbers = agents.map((agent) => agent.number);
  if (numbers.length > 0) await tx.deleteFrom('prevalence_records').where('agent_number', 'in', numbers).execute();
  return numbers.length;
}

export interface PrevalenceSums {
  readonly agents: number;
  readonly lastSeen: number | null;
}

export async function sumPrevalence(read: Queries, sha1: string): Promise<PrevalenceSums> {
  const row = await read
    .selectFrom('prevalence_records')
    .innerJoin('agents', 'agents.number', 'agent_number')
    .select((fn) => [fn.fn.countAll<number>().as('agents'), fn.fn.max('last_seen_at').as('lastSeen')])
    .where('sha1', '=', sha1)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return { agents: row?.agents ?? 0, lastSeen: row?.lastSeen ?? null };
}

/** Host names of some agents that hold it. */
export async function holdingHosts(read: Queries, sha1: string, limit: number): Promise<string[]> {
  const rows = await read
    .selectFrom('prevalence_records')
    .innerJoin('agents', 'agents.number', 'agent_number')
    .select('host_name')
    .where('sha1', '=', sha1)
    .where('removed_at', 'is', null)
    .orderBy('last_seen_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.host_name);
}

/** Installed packages that own it on some agent. */
export async function owningPackages(read: Queries, sha1: string, limit: number): Promise<string[]> {
  const rows = await read
    .selectFrom('prevalence_records')
    .select('package')
    .distinct()
    .where('sha1', '=', sha1)
    .where('package', 'is not', null)
    .orderBy('package')
    .limit(limit)
    .execute();
  return rows.flatMap((row) => (row.package === null ? [] : [row.package]));
}

/**
 * Agents that know whether they hold it: they searched for it, swept with a list that contains it (`revision`; null if
 * it is not listed), or reported it.
 */
export async function countInformedAgents(read: Queries, sha1: string, revision: number | null): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select agent_tasks.agent_number from agent_tasks
        join searched_files on searched_files.task = agent_tasks.task
        where searched_files.sha1 = ${sha1} and agent_tasks.state = 'done'
      union
      select agent_tasks.agent_number from agent_tasks
        join fleet_tasks on fleet_tasks.id = agent_tasks.task
        where ${revision ?? -1} >= 0 and fleet_tasks.requested_by = 'agent' and agent_tasks.state = 'done'
          and cast(substr(fleet_tasks.id, 6) as bigint) >= ${revision ?? 0}
      union
      select agent_number from prevalence_records where sha1 = ${sha1}
    ) knowing join agents on agents.number = knowing.agent_number where agents.removed_at is null`.execute(read);
  return rows[0]?.count ?? 0;
}
