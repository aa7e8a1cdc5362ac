/** Changes desired states: each change is a new, sealed epoch. */
import { sql } from 'kysely';
import { reindexAgents } from '../agents/table.ts';
import { chunks } from '../chunks.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import type { DesiredRow, SealedDesiredState } from '../database/rows.ts';
import type { DesiredStateSeal } from './seal.ts';

const pageSize = 500;

/** Columns of a desired state that are set with a new epoch. */
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
 * Gives each agent the change and the next epoch, sealed; returns the new desired states. The rows must be locked, or
 * nobody else may write: the seal is computed from them.
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
    if (columns.folder !== undefined) await reindexAgents(tx, numbers);
  }
  return after;
}

function sealed<W extends DesiredRow>(seal: DesiredStateSeal, desired: W): W & SealedDesiredState {
  return { ...desired, desired_seal: seal.of(desired) };
}

/** Gives every agent the next epoch, otherwise unchanged: the servers' addresses have changed. */
export async function renewAllDesired(tx: Queries, seal: DesiredStateSeal, now: number): Promise<void> {
  let rows: Row<'agents'>[] = [];
  do {
    const after = rows.at(-1)?.number ?? 0;
    const page = tx.selectFrom('agents').selectAll().where('number', '>', after).where('removed_at', 'is', null);
    rows = await page.orderBy('number').limit(pageSize).execute();
    // A row whose seal does not fit was not written by Cordon, and must not become valid here.
    const genuine = rows.filter((row) => seal.fits(row));
    await changeDesired(tx, seal, genuine, { now });
  } while (rows.length === pageSize);
}

/** An agent returned with a larger epoch than ours (this server was restored from a backup): go past it. */
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

/** Agents with a desired isolation under `profile`, in a transaction that will change them. */
export function isolatedUnder(tx: Queries, database: Database, profile: string): Promise<Row<'agents'>[]> {
  const found = tx
    .selectFrom('agents')
    .selectAll()
    .where('desired_isolation', '=', 'isolated')
    .where('desired_profile', '=', profile)
    .where('removed_at', 'is', null);
  return database.lockRows(found).execute();
}

/** Agents of a group, in a transaction that will change them. */
export function agentsInGroup(tx: Queries, database: Database, group: string): Promise<Row<'agents'>[]> {
  const found = tx.selectFrom('agents').selectAll().where('group_name', '=', group).where('removed_at', 'is', null);
  const ordered = found.orderBy('number');
  return database.lockRows(ordered).execute();
}

/** Agents whose desired state changed at or after `since`, oldest first; makes up for a missed notice. */
export function desiredSince(read: Queries, since: number, limit: number): Promise<Row<'agents'>[]> {
  return read
    .selectFrom('agents')
    .selectAll()
    .where('desired_at', '>=', since)
    .orderBy('desired_at')
    .limit(limit)
    .execute();
}
