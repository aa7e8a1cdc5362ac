/** Wishes as the gateway and the other nodes ask for them. */
import type { Database, Queries, Row } from '../database/database.ts';
import { agentsByNumber, renewAllWishes, renewProfileWishes, storePresence, wishesSince } from './queries.ts';
import type { Wish } from './rows.ts';

/** Changes read in one go when a notice may have been missed. */
const mostAtOnce = 2000;

/** What is wanted of each of these agents now. */
export function agentsNamed(database: Database, numbers: readonly number[]): Promise<Wish[]> {
  return agentsByNumber(database.read, numbers);
}

/** Wishes that changed at or after `since` (milliseconds), oldest first, at most 2,000. */
export function changedWishes(database: Database, since: number): Promise<Wish[]> {
  return wishesSince(database.read, since, mostAtOnce);
}

/** Gives every agent a new epoch, because what orders say of the servers has changed. */
export function renewWishes(tx: Queries, now: number): Promise<void> {
  return renewAllWishes(tx, now);
}

/** Gives the agents that are isolated under `profile` a new epoch, because its exceptions have changed. */
export function renewWishesUnder(tx: Queries, profile: string, now: number): Promise<number[]> {
  return renewProfileWishes(tx, profile, now);
}

/** Writes down who is connected. */
export function savePresence(database: Database, rows: readonly Row<'presence'>[]): Promise<void> {
  return database.write((tx) => storePresence(tx, rows));
}
