/** Migrates a database to the newest tables: one transaction per step, one node at a time. */
import { sql } from 'kysely';
import { lockUntilCommit } from './locks.ts';
import { dialects } from './migration.ts';
import type { Dialect, Migration } from './migration.ts';
import { firstRelease } from './migrations/0001-first-release.ts';
import { shownKeys } from './migrations/0002-shown-keys.ts';
import type { Queries } from './tables/all.ts';

/** In the order in which they run. */
const migrations: readonly Migration[] = [firstRelease, shownKeys];

/** An arbitrary number that nothing else locks; nodes that start together wait for each other on it. */
const migrationLock = 0x636f7264;

/**
 * Runs the migrations that `database` lacks. `inTransaction` must give each call a transaction of its own that rolls
 * back if the call fails, so that each step is applied completely or not at all.
 */
export async function migrate(
  dialect: Dialect,
  inTransaction: (work: (tx: Queries) => Promise<void>) => Promise<void>,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  for (const step of steps) {
    await inTransaction(async (tx) => {
      await lockUntilCommit(dialect, tx, migrationLock);
      await sql`create table if not exists migrations (name text primary key)`.execute(tx);
      await refuseNewer(tx, steps);
      const done = await sql`select name from migrations where name = ${step.name}`.execute(tx);
      if (done.rows.length > 0) return;
      await runAll(dialect, tx, step.statements(dialects[dialect]));
      await sql`insert into migrations (name) values (${step.name})`.execute(tx);
    });
  }
}

/** A newer version has changed the tables in a way that this one does not know: it would read and write them wrongly. */
async function refuseNewer(tx: Queries, steps: readonly Migration[]): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(tx);
  const unknown = rows.find(({ name }) => !steps.some((step) => step.name === name));
  if (unknown === undefined) return;
  throw new Error(
    `a newer version of cordon-server has used it: it has the migration ${unknown.name}, and this version ends with ${steps.at(-1)?.name ?? 'none'}. Install that version again, or restore a backup from before it`,
  );
}

/** Sends all `statements` at once: waiting for each would double the time that a new database takes. */
async function runAll(dialect: Dialect, tx: Queries, statements: readonly string[]): Promise<void> {
  // Only PostgreSQL takes several statements in one text.
  const texts = dialect === 'postgres' ? [statements.join(';')] : statements;
  await Promise.all(texts.map((text) => sql.raw(text).execute(tx)));
}
