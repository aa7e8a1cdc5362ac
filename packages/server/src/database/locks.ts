/** Locks that last until a transaction ends. SQLite needs none: it has one writer. */
import { sql } from 'kysely';
import type { SelectQueryBuilder } from 'kysely';
import type { Dialect } from './migration.ts';
import type { Queries } from './tables/all.ts';

/** Locks the rows that `query` finds; of a join, those of table `of`. */
export function lockRows<DB, TB extends keyof DB, O>(
  dialect: Dialect,
  query: SelectQueryBuilder<DB, TB, O>,
  of?: TB & string,
): SelectQueryBuilder<DB, TB, O> {
  if (dialect === 'sqlite') return query;
  return of === undefined ? query.forUpdate() : query.forUpdate(of);
}

/** Takes `lock` for `tx`: waits until no other transaction has it. */
export async function lockUntilCommit(dialect: Dialect, tx: Queries, lock: number): Promise<void> {
  if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${lock})`.execute(tx);
}
