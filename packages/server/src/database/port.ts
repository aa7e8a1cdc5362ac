/** The store port: what the rooms may ask of a database, whichever it is. */
import type { Compilable, SelectQueryBuilder } from 'kysely';
import type { Dialect } from './migration.ts';
import type { Queries } from './tables.ts';

/** A statement that is compiled once. Call it with the values of its placeholders, in the order it was given. */
export type Prepared<Values extends unknown[], Result> = (...values: Values) => Promise<Result[]>;

export interface Database {
  readonly dialect: Dialect;
  /** Whether other nodes may use it too. A SQLite file belongs to one. */
  readonly isShared: boolean;
  /** Committed rows, outside of any transaction. */
  readonly read: Queries;
  /**
   * Runs `work` in one durable transaction; resolves after the commit, rejects with nothing done. Await nothing but
   * queries inside: on SQLite everybody else's writes wait, and those of one moment are committed together.
   */
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Locks the rows that `query` finds until its transaction ends; of a join, those of table `of`. */
  lockRows<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
    of?: TB & string,
  ): SelectQueryBuilder<DB, TB, O>;
  /** Waits until no other transaction holds `lock`, a number of the caller's choice; held until `tx` ends. */
  lockUntilCommit(tx: Queries, lock: number): Promise<void>;
  /** Runs `work` on a connection of its own that sees one unchanging moment, for answers that take several queries. */
  snapshot<T>(work: (at: Queries) => Promise<T>): Promise<T>;
  /**
   * A hot query, compiled once. `build` is called with a placeholder for each value, and must put each of them into
   * the query; the order in which they land there does not matter.
   */
  prepare<Values extends unknown[], Result>(
    build: (queries: Queries, ...values: Values) => Compilable<Result>,
  ): Prepared<Values, Result>;
  /** Tells other nodes that something changed; lossy, so that nobody may rely on it alone. One node: does nothing. */
  notify(topic: string): void;
  /** Calls `listener` with the topics that any node notified, this one included. */
  listen(listener: (topic: string) => void): Promise<void>;
  close(): Promise<void>;
}
