/** Agents as those to whom something is addressed once: a task, a restore. */
import type { ActSelector } from '@cordon/protocol/console';
import type { Folders } from '../accounts/scope.ts';
import type { Queries } from '../database/database.ts';
import { addresseesByNumber, addresseesMatching } from './queries.ts';
import type { Addressee } from './rows.ts';
import { selectorOfPerson } from './selector.ts';

/** Everybody in the scope who fits; without a selector and a group that is everybody in it. */
export function addressees(
  read: Queries,
  whom: { selector?: ActSelector | undefined; group?: string | undefined; scope: Folders },
): Promise<Addressee[]> {
  const selector = whom.selector === undefined ? {} : selectorOfPerson(whom.selector);
  return addresseesMatching(read, selector, whom);
}

/** These agents, without those that were removed. */
export function addresseesNumbered(read: Queries, numbers: readonly number[]): Promise<Addressee[]> {
  return addresseesByNumber(read, numbers);
}
