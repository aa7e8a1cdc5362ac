/** The version of this package. */
import { readFileSync } from 'node:fs';
import { packageFolder } from './program.ts';

export const version: string = String(
  Object(JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8'))).version,
);
