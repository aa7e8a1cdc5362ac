/** PostgreSQL: a pool for several nodes, and one connection that listens for notices. */
import { Kysely, PostgresDialect } from 'kysely';
import type { Compilable } from 'kysely';
import { Client, DatabaseError, Pool, types } from 'pg';
import type { CustomTypesConfig } from 'pg';
import type { Database, Prepared } from './port.ts';
import { lockRows, lockUntilCommit } from './locks.ts';
import { migrate } from './migrate.ts';
import { placeholders } from './placeholders.ts';
import type { Queries, Tables } from './tables/all.ts';

const channel = 'cordon';

/**
 * How long notices are batched: NOTIFY takes a lock over the whole server, so it runs once per batch, never per
 * transaction.
 */
const batchMs = 10;

/** Serialisation failure and deadlock: the transaction did nothing and may be retried. */
const retriable = new Set(['40001', '40P01']);

/** Opens the database at a `postgres://` address. */
export async function openPostgres(address: string): Promise<Database> {
  const pool = new Pool({ connectionString: address, max: 12, types: parsers });
  // Without a listener, a restart of PostgreSQL would end this process; the next query reports what is wrong.
  pool.on('error', (error) => process.emitWarning(`PostgreSQL: ${error.message}`));
  // The same for a connection that is in use, between two queries of a transaction: the pool does not listen then.
  pool.on('connect', (client) => {
    client.on('error', (error) => process.emitWarning(`PostgreSQL: ${error.message}`));
  });
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  await migrate('postgres', (work) => queries.transaction().execute(work));
  const notices = new Notices(pool, address);
  return {
    dialect: 'postgres',
    isShared: true,
    read: queries,
    write: (work) => retrying(() => queries.transaction().execute(work)),
    lockRows: (query, of) => lockRows('postgres', query, of),
    lockUntilCommit: (tx, lock) => lockUntilCommit('postgres', tx, lock),
    snapshot: (work) =>
      queries.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
    prepare: (build) => prepareOn(pool, queries, build),
    notify: (topic) => notices.send(topic),
    listen: (listener) => notices.listen(listener),
    close: async () => {
      await notices.close();
      await queries.destroy();
    },
  };
}

/** `int8` in the type catalogue. */
const int8 = '20';

/** 64-bit integers arrive as text; all of ours are below 2^53. */
const parsers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (`${oid}` === int8 ? Number : types.getTypeParser(oid, format)),
};

async function retrying<T>(transaction: () => Promise<T>, left = 5): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    const code = error instanceof DatabaseError ? error.code : undefined;
    if (left === 0 || code === undefined || !retriable.has(code)) throw error;
    return retrying(transaction, left - 1);
  }
}

let preparedStatements = 0;

function prepareOn<Values extends unknown[], Result>(
  pool: Pool,
  queries: Queries,
  build: (queries: Queries, ...values: Values) => Compilable<Result>,
): Prepared<Values, Result> {
  const { text, order } = placeholders(queries, build);
  const name = `cordon_${++preparedStatements}`;
  return async (...values) => {
    const result = await pool.query({ name, text, values: order.map((index) => values[index]) });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the row type is the query's own
    return result.rows as Result[];
  };
}

/**
 * Sends topics between nodes by NOTIFY; after a lost connection listeners get `resync`, because notices were missed.
 */
class Notices {
  readonly #pool: Pool;
  readonly #address: string;
  readonly #listeners: ((topic: string) => void)[] = [];
  readonly #topics = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #client: Client | undefined;
  #closed = false;

  constructor(pool: Pool, address: string) {
    this.#pool = pool;
    this.#address = address;
  }

  send(topic: string): void {
    this.#topics.add(topic);
    this.#timer ??= setTimeout(() => this.#flush(), batchMs);
  }

  async listen(listener: (topic: string) => void): Promise<void> {
    this.#listeners.push(listener);
    if (this.#client === undefined) await this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#client?.end();
  }

  #flush(): void {
    this.#timer = undefined;
    const payload = [...this.#topics].join(' ');
    this.#topics.clear();
    this.#pool
      .query('select pg_notify($1, $2)', [channel, payload.length < 7900 ? payload : 'resync'])
      .catch((error: unknown) => {
        process.emitWarning(`PostgreSQL notice: ${String(error)}`); // The other nodes' polling repairs it.
      });
  }

  async #connect(): Promise<void> {
    const client = new Client({ connectionString: this.#address });
    this.#client = client;
    client.on('notification', (notice) => {
      for (const topic of (notice.payload ?? '').split(' ')) this.#notify(topic);
    });
    client.on('error', () => {}); // 'end' follows, and reconnects.
    client.on('end', () => this.#reconnect());
    await client.connect();
    await client.query(`listen ${channel}`);
  }

  #reconnect(): void {
    if (this.#closed) return;
    setTimeout(() => {
      this.#connect().then(
        () => this.#notify('resync'),
        () => this.#reconnect(),
      );
    }, 1000).unref();
  }

  #notify(topic: string): void {
    for (const listener of this.#listeners) listener(topic);
  }
}
