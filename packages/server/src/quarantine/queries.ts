/** Rows of the quarantined files. */
import type { ObjectName } from '@cordon/protocol/channel';
import type { QuarantineCopy } from '@cordon/protocol/console';
import { agentsInScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row } from '../database/database.ts';

export type FileRow = Row<'quarantined_files'>;
export type NamedFile = FileRow & Pick<Row<'agents'>, 'entity_id' | 'host_name'>;

const chunkSize = 500;

/** Adds files; one that is known already stays as it is. */
export async function addFiles(tx: Queries, rows: readonly FileRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('quarantined_files')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['agent_number', 'quarantine']).doNothing())
    .execute();
}

/** How many files of an agent are known: quarantined, and restored. */
export async function countsOfAgent(tx: Queries, agent: number): Promise<{ held: number; restored: number }> {
  const rows = await tx
    .selectFrom('quarantined_files')
    .select((count) => ['state', count.fn.countAll<number>().as('count')])
    .where('agent_number', '=', agent)
    .groupBy('state')
    .execute();
  const sum = (some: typeof rows): number => some.reduce((all, row) => all + row.count, 0);
  return {
    held: sum(rows.filter((row) => row.state !== 'restored')),
    restored: sum(rows.filter((row) => row.state === 'restored')),
  };
}

/** Deletes the oldest records of an agent's restored files. */
export async function dropRestored(tx: Queries, agent: number, count: number): Promise<void> {
  const oldest = tx
    .selectFrom('quarantined_files')
    .select('quarantine')
    .where('agent_number', '=', agent)
    .where('state', '=', 'restored')
    .orderBy('at')
    .limit(count);
  await tx
    .deleteFrom('quarantined_files')
    .where('agent_number', '=', agent)
    .where('quarantine', 'in', oldest)
    .execute();
}

/** Deletes some records of restored files older than `before`; returns how many. */
export async function purgeRestored(tx: Queries, before: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom('quarantined_files')
    .where((row) =>
      row(
        row.refTuple('agent_number', 'quarantine'),
        'in',
        row
          .selectFrom('quarantined_files as old')
          .select(['old.agent_number', 'old.quarantine'])
          .where('old.at', '<', before)
          .where('old.state', '=', 'restored')
          .limit(limit)
          .$asTuple('agent_number', 'quarantine'),
      ),
    )
    .returning('quarantine')
    .execute();
  return gone.length;
}

/** Deletes the records of a few removed agents; returns how many agents. */
export async function purgeOfRemoved(tx: Queries, limit: number): Promise<number> {
  const agents = await tx
    .selectFrom('agents')
    .select('number')
    .where('removed_at', 'is not', null)
    .where((or) =>
      or.exists(
        or.selectFrom('quarantined_files').select('agent_number').whereRef('agent_number', '=', 'agents.number'),
      ),
    )
    .limit(limit)
    .execute();
  const numbers = agents.map((agent) => agent.number);
  if (numbers.length > 0) await tx.deleteFrom('quarantined_files').where('agent_number', 'in', numbers).execute();
  return numbers.length;
}

/** Stores the state of some files of one agent. */
export async function setState(
  tx: Queries,
  which: { agent: number; names: readonly string[]; from: readonly FileRow['state'][] },
  to: { state: FileRow['state']; message: string | null },
): Promise<void> {
  for (let start = 0; start < which.names.length; start += chunkSize) {
    await tx
      .updateTable('quarantined_files')
      .set(to)
      .where('agent_number', '=', which.agent)
      .where('quarantine', 'in', which.names.slice(start, start + chunkSize))
      .where('state', 'in', [...which.from])
      .execute();
  }
}

/** All files of an object that are in one of these states, of one agent or of all. */
export async function setStateOfObject(
  tx: Queries,
  which: { agent?: number; object: ObjectName; from: FileRow['state'] },
  to: { state: FileRow['state']; message: string | null },
): Promise<void> {
  let update = tx
    .updateTable('quarantined_files')
    .set(to)
    .where('object_type', '=', which.object.type)
    .where('object_content', '=', which.object.content)
    .where('state', '=', which.from);
  if (which.agent !== undefined) update = update.where('agent_number', '=', which.agent);
  await update.execute();
}

/** Numbers of the agents that have quarantined files of an object. */
export async function holdersOf(tx: Queries, object: ObjectName): Promise<number[]> {
  const rows = await tx
    .selectFrom('quarantined_files')
    .select('agent_number')
    .distinct()
    .where('object_type', '=', object.type)
    .where('object_content', '=', object.content)
    .where('state', '!=', 'restored')
    .execute();
  return rows.map((row) => row.agent_number);
}

/**
 * These very copies, of agents in the scope that were not removed. Another agent may use the same name for a copy of
 * its own.
 */
export async function filesNamed(tx: Queries, copies: readonly QuarantineCopy[], scope: Folders): Promise<NamedFile[]> {
  const found = new Map<string, NamedFile>();
  for (let start = 0; start < copies.length; start += chunkSize) {
    const chunk = copies.slice(start, start + chunkSize);
    const desired = new Set(chunk.map(({ agent, quarantine }) => `${agent} ${quarantine}`));
    const owners = [...new Set(chunk.map((copy) => copy.agent))];
    const names = [...new Set(chunk.map((copy) => copy.quarantine))];
    const query = withAgents(tx, scope)
      .where('agents.removed_at', 'is', null)
      .where('agents.entity_id', 'in', owners)
      .where('quarantine', 'in', names);
    for (const file of await query.execute()) {
      const name = `${file.entity_id} ${file.quarantine}`;
      if (desired.has(name)) found.set(name, file);
    }
  }
  return [...found.values()];
}

export interface FileFilter {
  readonly agent?: string;
  readonly quarantine?: string;
  readonly type?: FileRow['object_type'];
  readonly content?: string;
  readonly state?: FileRow['state'];
}

/** Of agents in the scope, newest first. */
export function listFiles(
  read: Queries,
  filter: FileFilter & { readonly scope: Folders },
  limit: number,
): Promise<NamedFile[]> {
  let query = withAgents(read, filter.scope).orderBy('at', 'desc').limit(limit);
  if (filter.agent !== undefined) query = query.where('agents.entity_id', '=', filter.agent);
  if (filter.quarantine !== undefined) query = query.where('quarantine', '=', filter.quarantine);
  if (filter.type !== undefined) query = query.where('object_type', '=', filter.type);
  if (filter.content !== undefined) query = query.where('object_content', '=', filter.content);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  return query.execute();
}

const withAgents = (read: Queries, scope: Folders) =>
  read
    .selectFrom('quarantined_files')
    .innerJoin('agents', 'agents.number', 'agent_number')
    .selectAll('quarantined_files')
    .select(['agents.entity_id', 'agents.host_name'])
    .where(agentsInScope(scope));

/** How many files of each of these contents are quarantined; `type content` is the key. */
export async function countsOf(read: Queries, contents: readonly string[]): Promise<Map<string, number>> {
  if (contents.length === 0) return new Map();
  const rows = await read
    .selectFrom('quarantined_files')
    .select((count) => ['object_type', 'object_content', count.fn.countAll<number>().as('count')])
    .where('object_content', 'in', [...contents])
    .where('state', '!=', 'restored')
    .groupBy(['object_type', 'object_content'])
    .execute();
  return new Map(rows.map((row) => [`${row.object_type} ${row.object_content}`, row.count]));
}
