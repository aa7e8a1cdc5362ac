/** SQLite: one writer thread, and readers on the main thread that never wait for it (WAL). */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Compilable, CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import type { Database, Prepared } from '../port.ts';
import { lockRows, lockUntilCommit } from '../locks.ts';
import { migrate } from '../migrate.ts';
import { placeholders } from '../placeholders.ts';
import type { Queries, Tables } from '../tables/all.ts';
import { Writer } from './writer.ts';

/** Prepared statements that one reader keeps; each length of a list is a statement of its own. */
const maxStatements = 200;

/** Opens (or creates) the database file at `file`. */
export async function openSqlite(file: string): Promise<Database> {
  const writer = new Writer(file);
  const writing = kyselyOver(writerConnection(writer));
  await migrate('sqlite', (work) => writer.transaction(() => work(writing)));
  const reader = openReader(file);
  return {
    dialect: 'sqlite',
    isShared: false,
    read: kyselyOver(readerConnection(reader)),
    write: (work) => writer.transaction(() => work(writing)),
    lockRows: (query, of) => lockRows('sqlite', query, of),
    lockUntilCommit: (tx, lock) => lockUntilCommit('sqlite', tx, lock),
    snapshot: (work) => inSnapshot(file, work),
    prepare: (build) => prepareOn(reader, writing, build),
    notify: () => {},
    listen: async () => {},
    close: async () => {
      reader.close();
      await writer.close();
    },
  };
}

function openReader(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: 5000 });
}

async function inSnapshot<T>(file: string, work: (at: Queries) => Promise<T>): Promise<T> {
  const reader = openReader(file);
  try {
    reader.exec('begin');
    return await work(kyselyOver(readerConnection(reader)));
  } finally {
    reader.close();
  }
}

function prepareOn<Values extends unknown[], Result>(
  reader: DatabaseSync,
  queries: Queries,
  build: (queries: Queries, ...values: Values) => Compilable<Result>,
): Prepared<Values, Result> {
  const { text, order } = placeholders(queries, build);
  const statement = reader.prepare(text);
  const names = statement.columns().map((column) => column.name);
  // The driver's own objects are dictionaries, slow to create and to read; rows of one shape cost a quarter less.
  statement.setReturnArrays(true);
  return async (...values) => {
    const rows: unknown[] = statement.all(...order.map((index) => bindable(values[index])));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row type is the query's own
    return rows.map((cells) => rowOf(names, cells as SQLOutputValue[]) as Result);
  };
}

function rowOf(names: readonly string[], cells: readonly SQLOutputValue[]): Record<string, SQLOutputValue> {
  const row: Record<string, SQLOutputValue> = {};
  for (const [index, name] of names.entries()) row[name] = cells[index] ?? null;
  return row;
}

function kyselyOver(connection: DatabaseConnection): Queries {
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driverOf(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

/** One connection for everything; the writer handles transactions, so Kysely's own are refused. */
function driverOf(connection: DatabaseConnection): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: noTransactions,
    commitTransaction: noTransactions,
    rollbackTransaction: noTransactions,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

function noTransactions(): Promise<void> {
  return Promise.reject(new Error('Use database.write() for a transaction.'));
}

function writerConnection(writer: Writer): DatabaseConnection {
  return {
    executeQuery: async <Result>(query: CompiledQuery): Promise<QueryResult<Result>> => {
      const result = await writer.execute(query.sql, query.parameters.map(bindable));
      return {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row type is the query's own
        rows: result.rows as Result[],
        numAffectedRows: BigInt(result.changes),
        insertId: BigInt(result.lastId),
      };
    },
    streamQuery: noStreams,
  };
}

function readerConnection(reader: DatabaseSync): DatabaseConnection {
  // Parsing and planning a statement costs more than most of our reads.
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string): StatementSync => {
    const statement = statements.get(text) ?? reader.prepare(text);
    if (statements.size >= maxStatements) statements.clear();
    statements.set(text, statement);
    return statement;
  };
  return {
    executeQuery: async <Result>(query: CompiledQuery): Promise<QueryResult<Result>> => {
      const rows = prepared(query.sql).all(...query.parameters.map(bindable));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row type is the query's own
      return { rows: rows as Result[] };
    },
    streamQuery: noStreams,
  };
}

function noStreams(): AsyncIterableIterator<never> {
  throw new Error('Lists are read in pages, not streamed from the driver.');
}

function bindable(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || value === null)
    return value;
  throw new TypeError(`A ${typeof value} cannot be bound to a statement.`);
}
