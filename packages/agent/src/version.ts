/** The version of the agent, as its package says. */
import { readFileSync } from 'node:fs';
import { packageFolder } from './entry.ts';

export function agentVersion(): string {
  const text = readFileSync(new URL('package.json', packageFolder), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
