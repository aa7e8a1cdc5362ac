/** The version of the agent, as its package says. */
import { readFileSync } from 'node:fs';

/** From src/ and dist/ alike, the package is one folder up. */
export function agentVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
