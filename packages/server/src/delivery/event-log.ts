/** Rows of events: the outbox they are recorded in, and the log they are sent from. */
import type { Queries, Row } from '../database/database.ts';

export type EventRow = Row<'events'>;

const chunkSize = 200;

export async function appendToOutbox(tx: Queries, rows: readonly Omit<EventRow, 'id'>[]): Promise<void> {
  for (let start = 0; start < rows.length; start += chunkSize) {
    await tx
      .insertInto('event_outbox')
      .values(rows.slice(start, start + chunkSize))
      .execute();
  }
}

export async function isOutboxEmpty(read: Queries): Promise<boolean> {
  return (await read.selectFrom('event_outbox').select('id').limit(1).executeTakeFirst()) === undefined;
}

/** Moves recorded events to the end of the log, and returns how many there were. */
export async function collectOutbox(tx: Queries): Promise<number> {
  const rows = await tx.selectFrom('event_outbox').selectAll().orderBy('id').limit(chunkSize).execute();
  if (rows.length === 0) return 0;
  await tx
    .insertInto('events')
    .values(rows.map(({ at, kind, body }) => ({ at, kind, body })))
    .execute();
  const ids = rows.map((row) => row.id);
  await tx.deleteFrom('event_outbox').where('id', 'in', ids).execute();
  return rows.length;
}

/** Id of the newest event; 0 before the first. */
export async function newestEvent(read: Queries): Promise<number> {
  const row = await read.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

/** Events of these kinds (all, when the list is empty) after `cursor` and up to `head`, oldest first. */
export function eventsAfter(
  read: Queries,
  which: { cursor: number; head: number; kinds: readonly string[] },
  limit: number,
): Promise<EventRow[]> {
  let query = read
    .selectFrom('events')
    .selectAll()
    .where('id', '>', which.cursor)
    .where('id', '<=', which.head)
    .orderBy('id')
    .limit(limit);
  if (which.kinds.length > 0) query = query.where('kind', 'in', [...which.kinds]);
  return query.execute();
}

/** The first event from an id or a moment on, and how many of these kinds follow. */
export async function countFrom(
  read: Queries,
  from: { fromEvent?: number; since?: number },
  kinds: readonly string[],
): Promise<{ from: number | null; events: number }> {
  let query = read
    .selectFrom('events')
    .select((count) => [count.fn.min('id').as('from'), count.fn.countAll<number>().as('events')]);
  if (from.fromEvent !== undefined) query = query.where('id', '>=', from.fromEvent);
  if (from.since !== undefined) query = query.where('at', '>=', from.since);
  if (kinds.length > 0) query = query.where('kind', 'in', [...kinds]);
  const row = await query.executeTakeFirst();
  return { from: row?.from ?? null, events: row?.events ?? 0 };
}

/** Id of the newest event before `moment`; 0 if there is none. */
export async function newestBefore(read: Queries, moment: number): Promise<number> {
  const row = await read
    .selectFrom('events')
    .select('id')
    .where('at', '<', moment)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** Removes some of the oldest events, up to `last`; returns how many. */
export async function removeEvents(tx: Queries, last: number): Promise<number> {
  const ids = await tx.selectFrom('events').select('id').where('id', '<=', last).orderBy('id').limit(1000).execute();
  if (ids.length === 0) return 0;
  await tx
    .deleteFrom('events')
    .where('id', '<=', ids.at(-1)?.id ?? 0)
    .execute();
  return ids.length;
}
