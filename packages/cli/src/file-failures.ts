/** Tells of a file that the user named and that cannot be used: theirs to correct, and no fault of ours. */
import { readFile } from 'node:fs/promises';
import { usage } from './failure.ts';
import { errnoOf, errnoText } from '@cordon/protocol/errno-text';

/** For `.catch`: tells what could not be done with a file, and gives the hint; what is no failure of a file passes on. */
export function unusable(told: string, hint: string): (error: unknown) => never {
  return (error) => {
    if (errnoOf(error) === '') throw error;
    throw usage(`${told}: ${errnoText(error)}.`, hint);
  };
}

/** The text of a file that the command line names. */
export async function textOfFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(unusable(`${path} cannot be read`, 'Check the path.'));
}
