/** Rows of the applications. */
import { advance, putSetting, setting } from '../database/named-values.ts';
import type { Queries, Row } from '../database/database.ts';

export function allApplications(read: Queries): Promise<Row<'applications'>[]> {
  return read.selectFrom('applications').selectAll().orderBy('created_at').orderBy('id').execute();
}

export function applicationOf(read: Queries, id: string): Promise<Row<'applications'> | undefined> {
  return read.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertApplication(tx: Queries, row: Row<'applications'>): Promise<void> {
  await tx.insertInto('applications').values(row).execute();
  await advance(tx, 'applications');
}

export interface ApplicationChange {
  readonly name?: string;
  readonly enabled?: 0 | 1;
  readonly timeout_seconds?: number;
  readonly sealed_key?: string;
  readonly key_created_by?: string;
}

/** Returns the row as it was before, or undefined if there is none. */
export async function updateApplication(
  tx: Queries,
  id: string,
  change: ApplicationChange,
): Promise<Row<'applications'> | undefined> {
  const before = await applicationOf(tx, id);
  if (before === undefined) return undefined;
  if (Object.keys(change).length > 0) {
    await tx.updateTable('applications').set(change).where('id', '=', id).execute();
    await advance(tx, 'applications');
  }
  return before;
}

/** Returns the row as it was, or undefined if there was none. */
export async function deleteApplication(tx: Queries, id: string): Promise<Row<'applications'> | undefined> {
  const before = await applicationOf(tx, id);
  await tx.deleteFrom('applications').where('id', '=', id).execute();
  await advance(tx, 'applications');
  return before;
}

const spentPrefix = 'spent-draft:';

/**
 * Uses up a draft's ID, so that it is not used again even when its application is deleted. Forgets those older than
 * `before`.
 */
export async function spendDraft(
  tx: Queries,
  id: string,
  { at, before }: { at: number; before: number },
): Promise<void> {
  const spent = await tx.selectFrom('settings').selectAll().where('name', 'like', `${spentPrefix}%`).execute();
  const old = spent.filter((row) => Number(row.value) < before).map((row) => row.name);
  if (old.length > 0) await tx.deleteFrom('settings').where('name', 'in', old).execute();
  await putSetting(tx, `${spentPrefix}${id}`, String(at));
}

export async function isDraftSpent(read: Queries, id: string): Promise<boolean> {
  return (await setting(read, `${spentPrefix}${id}`)) !== undefined;
}

export async function noteUse(tx: Queries, id: string, at: number, from: string): Promise<void> {
  await tx.updateTable('applications').set({ last_used_at: at, last_used_from: from }).where('id', '=', id).execute();
}
