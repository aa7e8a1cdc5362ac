/** Opens the database, of whichever kind. */
import type { Database } from './port.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite/sqlite.ts';

export type { Database, Prepared } from './port.ts';
export type { Queries, Row, Tables } from './tables/all.ts';

/** Opens `postgres://…`, or the SQLite file at a path, and migrates it to the newest tables. */
export async function openDatabase(address: string): Promise<Database> {
  return /^postgres(ql)?:\/\//.test(address) ? openPostgres(address) : openSqlite(address);
}
