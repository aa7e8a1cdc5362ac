/** The version of this command, from its package. */
import { readFileSync } from 'node:fs';
import { packageFolder } from '../package-folder.ts';

export function ownVersion(): string {
  return String(Object(JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))).version);
}
