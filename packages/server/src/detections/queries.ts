/** Rows of the detections. */
import { advance } from '../database/named-values.ts';
import { sql } from 'kysely';
import type { SelectQueryBuilder } from 'kysely';
import type { ObjectName } from '@cordon/protocol/channel';
import { agentsInScope, everywhere } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Queries, Row, Tables } from '../database/database.ts';
import type { DetectionRow } from './stored-form.ts';

export type HourCount = Row<'detection_counts'>;

/**
 * How many of an agent's detections are stored in this hour. Locks its row until the commit, so that two batches never
 * mix.
 */
export async function lockHourCount(tx: Queries, agent: number): Promise<HourCount> {
  await tx
    .insertInto('detection_counts')
    .values({ agent_number: agent, hour: 0, stored: 0 })
    .onConflict((conflict) => conflict.column('agent_number').doNothing())
    .execute();
  return tx
    .updateTable('detection_counts')
    .set((hourCount) => ({ hour: hourCount.ref('hour') }))
    .where('agent_number', '=', agent)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function storeHourCount(tx: Queries, hourCount: HourCount): Promise<void> {
  await tx.updateTable('detection_counts').set(hourCount).where('agent_number', '=', hourCount.agent_number).execute();
}

/** Up to where an agent's spool is stored; undefined before its first batch. */
export async function storedUpTo(tx: Queries, agent: number, spool: string): Promise<number | undefined> {
  const row = await tx
    .selectFrom('detection_spools')
    .select('sequence')
    .where('agent_number', '=', agent)
    .where('spool', '=', spool)
    .executeTakeFirst();
  return row?.sequence;
}

export async function storeSpool(tx: Queries, spool: Row<'detection_spools'>): Promise<void> {
  const { sequence, at } = spool;
  await tx
    .insertInto('detection_spools')
    .values(spool)
    .onConflict((conflict) => conflict.columns(['agent_number', 'spool']).doUpdateSet({ sequence, at }))
    .execute();
}

/** Keeps only the newest ones of an agent. */
export async function forgetSpools(tx: Queries, agent: number, kept: number): Promise<void> {
  await tx
    .deleteFrom('detection_spools')
    .where('agent_number', '=', agent)
    .where('spool', 'not in', (inner) =>
      inner
        .selectFrom('detection_spools')
        .select('spool')
        .where('agent_number', '=', agent)
        .orderBy('at', 'desc')
        .limit(kept),
    )
    .execute();
}

/** The first of `count` new ids. Locks the counter's row until the commit, so that ids become visible in order. */
export async function nextIds(tx: Queries, count: number): Promise<number> {
  return (await advance(tx, 'detections', count)) - count + 1;
}

export async function insertDetections(tx: Queries, rows: readonly DetectionRow[]): Promise<void> {
  if (rows.length > 0) await tx.insertInto('detections').values(rows).execute();
}

/** The folded rows of this hour, oldest first. */
export function foldedLines(tx: Queries, agent: number, since: number): Promise<DetectionRow[]> {
  const lines = tx.selectFrom('detections').selectAll().where('agent_number', '=', agent).where('folded', '=', 1);
  return lines.where('received_at', '>=', since).orderBy('id').execute();
}

/** Adds to the count of a folded row. */
export async function countMore(tx: Queries, id: number, count: number): Promise<void> {
  await tx
    .updateTable('detections')
    .set((row) => ({ count: row('count', '+', count) }))
    .where('id', '=', id)
    .execute();
}

export interface DetectionFilter {
  readonly agent?: string;
  readonly group?: string;
  readonly type?: DetectionRow['object_type'];
  readonly content?: string;
  readonly action?: string;
  readonly detectedBy?: string;
  /** When it was detected: `since` is inclusive, `before` is exclusive. */
  readonly since?: number;
  readonly until?: number;
  /** In lower case. */
  readonly search?: string;
}

export type ListedDetection = Pick<DetectionRow, 'id' | 'received_at' | 'count' | 'body'> &
  Pick<Row<'agents'>, 'entity_id' | 'host_name'>;

/** Those that match with `from` <= id < `to`, newest first. */
export function detectionsWithin(
  read: Queries,
  filter: DetectionFilter & { readonly scope: Folders },
  ids: { from: number; to: number; limit: number },
): Promise<ListedDetection[]> {
  return narrowed(read, filter)
    .select(['id', 'received_at', 'count', 'body', 'agents.entity_id', 'agents.host_name'])
    .where('id', '>=', ids.from)
    .where('id', '<', ids.to)
    .orderBy('id', 'desc')
    .limit(ids.limit)
    .execute();
}

/** Those after an id, oldest first, for subscribers. */
export function detectionsAfter(read: Queries, after: number, limit: number): Promise<ListedDetection[]> {
  return narrowed(read, { scope: everywhere })
    .select(['id', 'received_at', 'count', 'body', 'agents.entity_id', 'agents.host_name'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Up to this many rows, a span of time is worth reading for its ids; for a longer one all ids are searched anyway. */
const maxInTime = 20_000;

/**
 * The smallest and the largest id that can match the filter; undefined if none can. The index finds a short span among
 * a million detections without reading all of them.
 */
export async function idRange(
  read: Queries,
  { since, until }: Pick<DetectionFilter, 'since' | 'until'>,
): Promise<{ first: number; last: number } | undefined> {
  if (since !== undefined || until !== undefined) {
    const inTime = await idsWithin(read, { since: since ?? 0, until: until ?? Number.MAX_SAFE_INTEGER });
    if (inTime.rows <= maxInTime) return rangeOf(inTime);
  }
  // Two look-ups at the ends of the index; both in one aggregate would read all of it.
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    select (select min(id) from detections) as first, (select max(id) from detections) as last`.execute(read);
  return rangeOf(rows[0]);
}

async function idsWithin(
  read: Queries,
  time: { since: number; until: number },
): Promise<{ rows: number; first: number | null; last: number | null }> {
  const row = await read
    .selectFrom((inner) =>
      inner
        .selectFrom('detections')
        .select('id')
        .where('at', '>=', time.since)
        .where('at', '<', time.until)
        .limit(maxInTime + 1)
        .as('within'),
    )
    .select((fn) => [fn.fn.countAll<number>().as('rows'), fn.fn.min('id').as('first'), fn.fn.max('id').as('last')])
    .executeTakeFirst();
  return row ?? { rows: 0, first: null, last: null };
}

function rangeOf(
  ends: { first: number | null; last: number | null } | undefined,
): { first: number; last: number } | undefined {
  const [first, last] = [ends?.first ?? null, ends?.last ?? null];
  return first === null || last === null ? undefined : { first, last };
}

/** How many agents have detected an object since then, by this server's clock. */
export async function agentsDetecting(read: Queries, object: ObjectName, since: number): Promise<number> {
  const row = await read
    .selectFrom('detections')
    .select(sql<number>`count(distinct agent_number)`.as('agents'))
    .where('object_type', '=', object.type)
    .where('object_content', '=', object.content)
    .where('received_at', '>', since)
    .executeTakeFirst();
  return row?.agents ?? 0;
}

/** Deletes at most `limit` that were received before `before`; returns how many. */
export async function purgeBefore(tx: Queries, before: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom('detections')
    .where('id', 'in', (inner) =>
      inner.selectFrom('detections').select('id').where('received_at', '<', before).orderBy('received_at').limit(limit),
    )
    .returning('id')
    .execute();
  return gone.length;
}

// oxlint-disable-next-line typescript/no-empty-object-type -- Kysely's word for "nothing selected yet"
type Selection = SelectQueryBuilder<Tables, 'detections' | 'agents', {}>;

function narrowed(read: Queries, filter: DetectionFilter & { readonly scope: Folders }): Selection {
  const { agent, group, type, content, action, detectedBy, since, until, search } = filter;
  let query: Selection = read.selectFrom('detections').innerJoin('agents', 'agents.number', 'agent_number');
  if (filter.scope.length > 0) query = query.where(agentsInScope(filter.scope));
  if (agent !== undefined) query = query.where('agents.entity_id', '=', agent);
  if (group !== undefined) query = query.where('agents.group_name', '=', group);
  if (type !== undefined) query = query.where('object_type', '=', type);
  if (content !== undefined) query = query.where('object_content', '=', content);
  if (action !== undefined) query = query.where('action', '=', action);
  if (detectedBy !== undefined) query = query.where('detected_by', '=', detectedBy);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (search === undefined) return query;
  const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return query.where(sql<boolean>`search like ${pattern} escape '\\'`);
}
