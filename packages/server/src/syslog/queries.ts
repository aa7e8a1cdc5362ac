/** The row of the syslog collector. */
import type { Queries, Row } from '../database/database.ts';

export type SyslogRow = Row<'syslog'>;

export function syslogRow(read: Queries): Promise<SyslogRow | undefined> {
  return read.selectFrom('syslog').selectAll().executeTakeFirst();
}

/** Replaces the settings; the position stays. */
export async function putSyslog(tx: Queries, row: SyslogRow): Promise<void> {
  await tx
    .insertInto('syslog')
    .values(row)
    .onConflict((conflict) => conflict.column('one').doUpdateSet({ settings: row.settings }))
    .execute();
}

/** False if there was none. */
export async function deleteSyslog(tx: Queries): Promise<boolean> {
  return (await tx.deleteFrom('syslog').returning('one').execute()).length === 1;
}

export async function updateSyslog(
  tx: Queries,
  change: Partial<Pick<SyslogRow, 'cursor' | 'audit_cursor' | 'connected' | 'last_error' | 'changed_at'>>,
): Promise<void> {
  await tx.updateTable('syslog').set(change).execute();
}
