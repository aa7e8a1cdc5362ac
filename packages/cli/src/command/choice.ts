/** Reads an option that must be one of a few words: a typo must never look like an empty list. */
import type { Role } from '@cordon/protocol/console';
import type { Invocation } from './command.ts';
import { usage } from './failure.ts';

/** The roles of accounts. */
export const roles: readonly Role[] = ['Administrator', 'Operator', 'Viewer'];

export function oneOf<Word extends string>(call: Invocation, name: string, words: readonly Word[]): Word | undefined {
  const text = call.option(name);
  if (text === undefined) return undefined;
  const word = words.find((one) => one === text.toLowerCase());
  if (word !== undefined) return word;
  throw usage(`--${name} "${text}" is not a valid value.`, `The values are ${words.join(', ')}.`);
}
