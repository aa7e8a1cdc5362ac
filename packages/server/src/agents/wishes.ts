/** Wishes as the gateway and the other rooms ask for them. */
import type { Database, Queries, Row } from '../database/database.ts';
import {
  agentsByNumber,
  agentsInGroup,
  changeWishes,
  isolatedUnder,
  renewAllWishes,
  storePresence,
  wishesSince,
} from './queries.ts';
import type { SealedWish } from './rows.ts';
import type { WishSeal } from './wish-seal.ts';

/** Changes read in one go when a notice may have been missed. */
const mostAtOnce = 2000;

/** What is wanted of each of these agents now. */
export function agentsNamed(database: Database, numbers: readonly number[]): Promise<SealedWish[]> {
  return agentsByNumber(database.read, numbers);
}

/** Wishes that changed at or after `since` (milliseconds), oldest first, at most 2,000. */
export function changedWishes(database: Database, since: number): Promise<SealedWish[]> {
  return wishesSince(database.read, since, mostAtOnce);
}

/** Gives every agent a new epoch, because what orders say of the servers has changed. */
export function renewWishes(tx: Queries, seal: WishSeal, now: number): Promise<void> {
  return renewAllWishes(tx, seal, now);
}

/** Gives the agents that are isolated under a profile a new epoch, because its exceptions have changed. */
export async function renewWishesUnder(
  tx: Queries,
  profile: string,
  parts: { database: Database; seal: WishSeal; now: number },
): Promise<number[]> {
  const rows = await isolatedUnder(tx, parts.database, profile);
  const genuine = rows.filter((row) => parts.seal.fits(row));
  const renewed = await changeWishes(tx, parts.seal, genuine, { now: parts.now });
  return renewed.map((wish) => wish.number);
}

/** Gives the agents of a group a new epoch, because its settings have changed. */
export async function renewWishesIn(
  tx: Queries,
  group: string,
  parts: { database: Database; seal: WishSeal; now: number },
): Promise<number[]> {
  const rows = await agentsInGroup(tx, parts.database, group);
  const genuine = rows.filter((row) => parts.seal.fits(row));
  const renewed = await changeWishes(tx, parts.seal, genuine, { now: parts.now });
  return renewed.map((wish) => wish.number);
}

/** Writes down who is connected. */
export function savePresence(database: Database, rows: readonly Row<'presence'>[]): Promise<void> {
  return database.write((tx) => storePresence(tx, rows));
}
