/** Rows of the leases. */
import type { Queries, Row } from '../database/database.ts';

export function leaseRow(read: Queries, name: string): Promise<Row<'leases'> | undefined> {
  return read.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
}

/** True if this holder still has it. */
export async function renewLease(tx: Queries, name: string, holder: string): Promise<boolean> {
  const rows = await tx
    .updateTable('leases')
    .set((row) => ({ heartbeat: row('heartbeat', '+', 1) }))
    .where('name', '=', name)
    .where('holder', '=', holder)
    .returning('heartbeat')
    .execute();
  return rows.length === 1;
}

/** Gives the lease to `holder` (nobody, if empty) if it is unchanged since it was read. */
export async function passLease(tx: Queries, seen: Row<'leases'>, holder: string): Promise<boolean> {
  const rows = await tx
    .updateTable('leases')
    .set({ holder, heartbeat: seen.heartbeat + 1 })
    .where('name', '=', seen.name)
    .where('holder', '=', seen.holder)
    .where('heartbeat', '=', seen.heartbeat)
    .returning('heartbeat')
    .execute();
  return rows.length === 1;
}
