/**
 * Lets one node do what only one may do. The holder's heartbeat grows while it lives; a node that saw it stand
 * still for a whole term takes over. Nobody compares the clocks of two machines.
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

/** How long the heartbeat must stand still before another node takes over. */
const term = 10_000;
/** The holder itself stops well before that when it cannot renew. */
const sureFor = 6000;
const renewEvery = 2000;

export class Lease {
  readonly #deps: LeaseDeps;
  /** Of this process and no other, so that a restarted node does not take itself for the one before. */
  readonly #holder = randomUUID();
  #renewedAt: number | undefined;
  #seen: { row: Row<'leases'>; at: number } | undefined;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  /** Whether this node holds it, as far as can be known without asking. */
  get isHeld(): boolean {
    return this.#renewedAt !== undefined && this.#deps.elapsed() - this.#renewedAt < sureFor;
  }

  /** Renews the lease, or takes it when nobody has it any more. Call it regularly. */
  async hold(): Promise<boolean> {
    const before = this.#deps.elapsed();
    if (this.#renewedAt !== undefined && before - this.#renewedAt < renewEvery) return true;
    const held =
      this.#renewedAt === undefined
        ? await this.#take(before)
        : await this.#deps.database.write((tx) => renewLease(tx, this.#deps.name, this.#holder));
    // Counted from before the question: the others may have seen the beat at that very moment.
    this.#renewedAt = held ? before : undefined;
    return held;
  }

  /** Holds the lease's row inside `tx`, so that nobody takes over before the commit; false when it is lost. */
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
    // A SQLite file has one node, so whoever held it before was this one, before it was restarted.
    const isFree = row.holder === '' || !database.isShared;
    if (!isFree && now - (this.#seen?.at ?? now) < term) return false;
    return database.write((tx) => passLease(tx, row, this.#holder));
  }
}
