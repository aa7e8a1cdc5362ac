/** Wishes as the gateway and the other rooms ask for them. */
import type { Database, Queries, Row } from '../database/database.ts';
import {
  agentsByNumber,
  agentsInGroup,
  changeDesired,
  isolatedUnder,
  renewAllDesired,
  storePresence,
  desiredSince,
} from './queries.ts';
import type { SealedDesiredState } from './rows.ts';
import type { DesiredStateSeal } from './wish-seal.ts';

/** Changes read in one go when a notice may have been missed. */
const maxAtOnce = 2000;

/** What is wanted of each of these agents now. */
export function agentsNamed(database: Database, numbers: readonly number[]): Promise<SealedDesiredState[]> {
  return agentsByNumber(database.read, numbers);
}

/** Wishes that changed at or after `since` (milliseconds), oldest first, at most 2,000. */
export function changedDesired(database: Database, since: number): Promise<SealedDesiredState[]> {
  return desiredSince(database.read, since, maxAtOnce);
}

/** Gives every agent a new epoch, because what orders say of the servers has changed. */
export function renewDesired(tx: Queries, seal: DesiredStateSeal, now: number): Promise<void> {
  return renewAllDesired(tx, seal, now);
}

/** Gives the agents that are isolated under a profile a new epoch, because its exceptions have changed. */
export async function renewDesiredUnder(
  tx: Queries,
  profile: string,
  parts: { database: Database; seal: DesiredStateSeal; now: number },
): Promise<number[]> {
  const rows = await isolatedUnder(tx, parts.database, profile);
  const genuine = rows.filter((row) => parts.seal.fits(row));
  const renewed = await changeDesired(tx, parts.seal, genuine, { now: parts.now });
  return renewed.map((desired) => desired.number);
}

/** Gives the agents of a group a new epoch, because its settings have changed. */
export async function renewDesiredIn(
  tx: Queries,
  group: string,
  parts: { database: Database; seal: DesiredStateSeal; now: number },
): Promise<number[]> {
  const rows = await agentsInGroup(tx, parts.database, group);
  const genuine = rows.filter((row) => parts.seal.fits(row));
  const renewed = await changeDesired(tx, parts.seal, genuine, { now: parts.now });
  return renewed.map((desired) => desired.number);
}

/** Writes down who is connected. */
export function savePresence(database: Database, rows: readonly Row<'presence'>[]): Promise<void> {
  return database.write((tx) => storePresence(tx, rows));
}
