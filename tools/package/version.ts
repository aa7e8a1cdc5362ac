/** The version of what is built, and its time, from git: the same commit makes the same packages. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * `0.1.0` at a tag `v0.1.0`; otherwise `0.1.0+1234.gabcdef0`, whose number, the commits so far, sorts as they came.
 * dpkg and rpm sort it alike.
 */
export function versionOfCommit(): { version: string; epoch: number } {
  const base = String(Object(JSON.parse(readFileSync(`${root}packages/server/package.json`, 'utf8'))).version);
  const epoch = Number(git('log', '-1', '--format=%ct'));
  const tags = git('tag', '--points-at', 'HEAD').split('\n');
  if (tags.includes(`v${base}`)) return { version: base, epoch };
  return { version: `${base}+${git('rev-list', '--count', 'HEAD')}.g${git('rev-parse', '--short=7', 'HEAD')}`, epoch };
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}
