/**
 * Throttles failed sign-ins: by account, by the socket's address, and by account again for codes.
 *
 * An attempt is counted before it is checked, in one statement that locks its row, so that many at once cannot slip
 * past. Unknown names count like any other, or the delay would reveal which exist.
 */
import { createHash } from 'node:crypto';
import {
  formatAddress,
  formatNetwork,
  throttledNetwork as networkAt,
  parseAddress,
  plainAddress,
} from '@cordon/protocol/addresses';
import type { Queries } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { countFailure, failuresOf, deleteFailures, lockUntil, lockedUntil, subtractFailures } from './queries.ts';

export interface ThrottleKey {
  readonly name: string;
  /** The longest delay, milliseconds. */
  readonly longest: number;
}

/** After this many failures each further one adds a delay, twice as long each time. */
const freeAttempts = 5;
const minute = 60_000;
/** Failures older than this are deleted. */
export const failuresKeptMs = 60 * minute;

/** Anybody can lock an account, so a lock is always short. */
export function byAccount(user: string): ThrottleKey {
  return { name: `account:${hashOf(user)}`, longest: minute };
}

/** It locks only callers at that address, so it may be long. */
export function byAddress(source: string): ThrottleKey {
  return { name: `address:${networkOf(source)}`, longest: 15 * minute };
}

/** Failures for one account from one address: what is forgiven there when its owner signs in. It locks nothing. */
export function byBoth(user: string, source: string): ThrottleKey {
  return { name: `both:${networkOf(source)}:${hashOf(user)}`, longest: 0 };
}

/** Only someone who knows the password gets here, so it may be long. */
export function byCode(user: string): ThrottleKey {
  return { name: `code:${hashOf(user)}`, longest: 15 * minute };
}

/** Counts an attempt, or refuses it while one of the keys is locked. Forgive it once it succeeds. */
export async function countAttempt(tx: Queries, counted: readonly ThrottleKey[], now: number): Promise<void> {
  // Always in the same order, so that two transactions never deadlock.
  for (const { name, longest } of [...counted].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const row = await countFailure(tx, name, { now, forgetBefore: now - failuresKeptMs });
    if (row.locked_until > now) throw waits(row.locked_until - now);
    if (longest > 0 && row.failures >= freeAttempts)
      await lockUntil(tx, name, now + Math.min(longest, 1000 * 2 ** (row.failures - freeAttempts)));
  }
}

/** Refuses while one of the names is locked, and counts nothing: cheap, before any work. */
export async function refuseLocked(read: Queries, counted: readonly ThrottleKey[], now: number): Promise<void> {
  const until = await lockedUntil(
    read,
    counted.map((one) => one.name),
  );
  if (until > now) throw waits(until - now);
}

/**
 * A successful sign-in clears the failures for this account at this address. Failures at other accounts stay: signing
 * in to one's own account must not help with attacking others.
 */
export async function forgiveSignIn(tx: Queries, user: string, source: string): Promise<void> {
  const both = byBoth(user, source).name;
  const tried = await failuresOf(tx, both);
  await subtractFailures(tx, byAddress(source).name, { tried, free: freeAttempts });
  await deleteFailures(tx, [byAccount(user).name, both].sort());
}

export function forgiveAttempt(tx: Queries, counted: readonly ThrottleKey[]): Promise<void> {
  return deleteFailures(tx, counted.map((one) => one.name).sort());
}

function waits(milliseconds: number): ConsoleRefusal {
  const message = `Too many failed attempts. Try again in ${Math.ceil(milliseconds / 1000)} s.`;
  return new ConsoleRefusal(429, 'locked', message);
}

/** A password typed into the name field must not end up in the database. */
function hashOf(user: string): string {
  return createHash('sha256').update(user).digest('base64url').slice(0, 22);
}

/** One person often has a whole /64 of IPv6. */
export function networkOf(source: string): string {
  const [text = ''] = source.split('%');
  const parsed = parseAddress(text);
  if (parsed === undefined) return text;
  const address = plainAddress(parsed);
  return address.version === 4 ? formatAddress(address) : formatNetwork(networkAt(address, 64));
}
