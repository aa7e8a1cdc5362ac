/**
 * Lets one node do what only one may do. The holder's heartbeat grows while it lives; a node that saw it unchanged for
 * a whole termMs takes over. The clocks of two machines are never compared.
 */
import { randomUUID } from 'node:crypto';
import type { Database, Queries, Row } from '../database/database.ts';
import { leaseRow, passLease, renewLease } from './queries.ts';

export interface LeaseDeps {
  readonly database: Database;
  readonly name: string;
  /** Milliseconds that only grow. */
  readonly elapsed: () => number;
}

/** How long the heartbeat must stay unchanged before another node takes over. */
const termMs = 10_000;
/** The holder stops itself well before that if it cannot renew. */
const sureForMs = 6000;
const renewIntervalMs = 2000;

export class Lease {
  readonly #deps: LeaseDeps;
  /** Unique to this process, so that a restarted node does not mistake its predecessor for itself. */
  readonly #holder = randomUUID();
  #renewedAt: number | undefined;
  #seen: { row: Row<'leases'>; at: number } | undefined;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  /** Whether this node holds it, as far as it can know without a query. */
  get isHeld(): boolean {
    return this.#renewedAt !== undefined && this.#deps.elapsed() - this.#renewedAt < sureForMs;
  }

  /** Renews the lease, or takes it if nobody holds it any more. Call it regularly. */
  async hold(): Promise<boolean> {
    const before = this.#deps.elapsed();
    if (this.#renewedAt !== undefined && before - this.#renewedAt < renewIntervalMs) return true;
    const held =
      this.#renewedAt === undefined
        ? await this.#take(before)
        : await this.#deps.database.write((tx) => renewLease(tx, this.#deps.name, this.#holder));
    // Counted from before the query: the others may have seen the heartbeat at that very moment.
    this.#renewedAt = held ? before : undefined;
    return held;
  }

  /** Locks the lease's row inside `tx`, so that nobody takes over before the commit; false if it is lost. */
  confirm(tx: Queries): Promise<boolean> {
    return renewLease(tx, this.#deps.name, this.#holder);
  }

  /** Lets another node take it at once. */
  async release(): Promise<void> {
    if (this.#renewedAt === undefined) return;
    this.#renewedAt = undefined;
    const row = await leaseRow(this.#deps.database.read, this.#deps.name);
    if (row?.holder === this.#holder) await this.#deps.database.write((tx) => passLease(tx, row, ''));
  }

  async #take(now: number): Promise<boolean> {
    const { database, name } = this.#deps;
    const row = await leaseRow(database.read, name);
    if (row === undefined) return false;
    const isSame = this.#seen?.row.holder === row.holder && this.#seen.row.heartbeat === row.heartbeat;
    if (!isSame) this.#seen = { row, at: now };
    // A SQLite file has one node, so its earlier holder was this node before a restart.
    const isFree = row.holder === '' || !database.isShared;
    if (!isFree && now - (this.#seen?.at ?? now) < termMs) return false;
    return database.write((tx) => passLease(tx, row, this.#holder));
  }
}
