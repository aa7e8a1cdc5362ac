/** Failures of files named by the user: the user can correct them, and they are no bug. */
import { readFile } from 'node:fs/promises';
import { usage } from './failure.ts';
import { errnoOf, errnoText } from '@cordon/protocol/errno-text';

/** For `.catch`: throws what could not be done with a file, with a hint; rethrows anything else. */
export function unusable(what: string, hint: string): (error: unknown) => never {
  return (error) => {
    if (errnoOf(error) === '') throw error;
    throw usage(`${what}: ${errnoText(error)}.`, hint);
  };
}

/** The text of a file named on the command line. */
export async function textOfFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(unusable(`${path} cannot be read`, 'Check the path.'));
}
