/** Desired states of agents: changed, renewed and looked up. */
import { agentsByNumber } from '../agents/table.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import {
  agentsInGroup,
  changeDesired,
  desiredSince,
  isolatedUnder,
  overtakeEpoch,
  renewAllDesired,
} from './queries.ts';
import type { DesiredChange } from './queries.ts';
import type { DesiredStateSeal } from './seal.ts';

export type { DesiredChange };

/** Changes read at once when a notice may have been missed. */
const maxAtOnce = 2000;

export class DesiredStates {
  readonly seal: DesiredStateSeal;
  readonly #database: Database;

  constructor(database: Database, seal: DesiredStateSeal) {
    this.#database = database;
    this.seal = seal;
  }

  /**
   * Gives these agents the change and the next epoch, sealed. Their rows must be locked in `tx`, and either genuine or
   * completely replaced.
   */
  change(
    tx: Queries,
    rows: readonly Row<'agents'>[],
    change: DesiredChange & { readonly now: number },
  ): Promise<SealedDesiredState[]> {
    return changeDesired(tx, this.seal, rows, change);
  }

  /** Goes past an epoch that an agent has and this server does not know, as after a restore from a backup. */
  overtake(tx: Queries, row: Row<'agents'>, past: { epoch: number; now: number }): Promise<SealedDesiredState> {
    return overtakeEpoch(tx, this.seal, row, past);
  }

  /** A new epoch for every agent: the servers' addresses have changed. */
  renewAll(tx: Queries, now: number): Promise<void> {
    return renewAllDesired(tx, this.seal, now);
  }

  /** A new epoch for the agents isolated under a profile: its exceptions have changed. Returns their numbers. */
  async renewUnder(tx: Queries, profile: string, now: number): Promise<number[]> {
    return this.#renew(tx, await isolatedUnder(tx, this.#database, profile), now);
  }

  /** A new epoch for the agents of a group: its settings have changed. Returns their numbers. */
  async renewIn(tx: Queries, group: string, now: number): Promise<number[]> {
    return this.#renew(tx, await agentsInGroup(tx, this.#database, group), now);
  }

  of(numbers: readonly number[]): Promise<SealedDesiredState[]> {
    return agentsByNumber(this.#database.read, numbers);
  }

  /** Desired states that changed at or after `since`, oldest first, at most 2,000. */
  changedSince(since: number): Promise<SealedDesiredState[]> {
    return desiredSince(this.#database.read, since, maxAtOnce);
  }

  /** A row whose seal does not fit was not written by Cordon, and must not become valid here. */
  async #renew(tx: Queries, rows: readonly Row<'agents'>[], now: number): Promise<number[]> {
    const genuine = rows.filter((row) => this.seal.fits(row));
    return (await this.change(tx, genuine, { now })).map((desired) => desired.number);
  }
}
