/** Finds what a person means by an ID or a name. */
import { CommandError, exitCodes, usage } from './failure.ts';

/** `list` is the command that lists them. */
export function findNamed<One extends { readonly id: string; readonly name: string }>(
  all: readonly One[],
  word: string,
  { noun, list }: { noun: string; list: string },
): One {
  const byId = all.find(({ id }) => id.toLowerCase() === word.toLowerCase());
  const byName = all.filter(({ name }) => name === word);
  if (byName.length > 1 && byId === undefined) throw usage(`Several ${noun}s have that name.`, 'Give the ID.');
  const found = byId ?? byName[0];
  if (found !== undefined) return found;
  throw new CommandError(exitCodes.nothingMatched, `There is no ${noun} "${word}".`, `Run "cordon ${list}".`);
}
