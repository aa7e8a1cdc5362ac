/** The database port: what rooms can ask of either database. */
import type { Compilable, SelectQueryBuilder } from 'kysely';
import type { Dialect } from './migration.ts';
import type { Queries } from './tables/all.ts';

/**
 * A statement that is compiled once. Call it with the values of its placeholders, in the order of `build`'s arguments.
 */
export type Prepared<Values extends unknown[], Result> = (...values: Values) => Promise<Result[]>;

export interface Database {
  readonly dialect: Dialect;
  /** Whether other nodes may use it too. A SQLite file belongs to one node. */
  readonly isShared: boolean;
  /** Committed rows, outside any transaction. */
  readonly read: Queries;
  /**
   * Runs `work` in one durable transaction; resolves after the commit, or rejects with nothing changed. Await only
   * queries inside: on SQLite all other writes wait, and those of one moment are committed together.
   */
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Locks the rows that `query` finds until its transaction ends; of a join, those of table `of`. */
  lockRows<DB, TB extends keyof DB, O>(
    query: SelectQueryBuilder<DB, TB, O>,
    of?: TB & string,
  ): SelectQueryBuilder<DB, TB, O>;
  /** Takes `lock`, a number that the caller chooses, until `tx` ends; waits while another transaction has it. */
  lockUntilCommit(tx: Queries, lock: number): Promise<void>;
  /** Runs `work` on a connection of its own with one consistent snapshot, for answers that take several queries. */
  snapshot<T>(work: (at: Queries) => Promise<T>): Promise<T>;
  /**
   * A hot query, compiled once. `build` is called with a placeholder for each value, and must use each of them in the
   * query, in any order.
   */
  prepare<Values extends unknown[], Result>(
    build: (queries: Queries, ...values: Values) => Compilable<Result>,
  ): Prepared<Values, Result>;
  /**
   * Notifies other nodes that something changed; lossy, so nothing may rely on it alone. With one node it does nothing.
   */
  notify(topic: string): void;
  /** Calls `listener` with the topics that any node notified, including this one. */
  listen(listener: (topic: string) => void): Promise<void>;
  close(): Promise<void>;
}
