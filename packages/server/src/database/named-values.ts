/** Values that a room keeps under a name of its own: settings, and counters that only grow. */
import type { Queries } from './tables/all.ts';

export async function setting(read: Queries, name: string): Promise<string | undefined> {
  return (await read.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value;
}

export async function putSetting(tx: Queries, name: string, value: string): Promise<void> {
  const added = tx.insertInto('settings').values({ name, value });
  await added.onConflict((conflict) => conflict.column('name').doUpdateSet({ value })).execute();
}

/** 0 if it was never advanced. */
export async function counter(read: Queries, name: string): Promise<number> {
  return (await read.selectFrom('counters').select('value').where('name', '=', name).executeTakeFirst())?.value ?? 0;
}

/**
 * Adds to a counter and returns its new value. Locks its row until the commit, so that values become visible in order.
 */
export async function advance(tx: Queries, name: string, by = 1): Promise<number> {
  const sum = tx.updateTable('counters').set((row) => ({ value: row('value', '+', by) }));
  return (await sum.where('name', '=', name).returning('value').executeTakeFirstOrThrow()).value;
}
