/** The version of what is built, and its time, from git: the same commit makes the same packages. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * `0.1.0` at a tag `v0.1.0`; before there is that tag `0.1.0~1234.gabcdef0`, which sorts before it, and after it
 * `0.1.0+1234.gabcdef0`. The number, the commits so far, sorts as they came. dpkg and rpm sort all of this alike.
 */
export function versionOfCommit(): { version: string; epoch: number } {
  const base = String(Object(JSON.parse(readFileSync(`${root}packages/server/package.json`, 'utf8'))).version);
  const epoch = Number(git('log', '-1', '--format=%ct'));
  const isHere = git('tag', '--points-at', 'HEAD').split('\n').includes(`v${base}`);
  const isReleased = git('tag', '--merged', 'HEAD').split('\n').includes(`v${base}`);
  const commit = { count: git('rev-list', '--count', 'HEAD'), hash: git('rev-parse', '--short=7', 'HEAD') };
  return { version: isHere ? base : versionBetween(base, { ...commit, isReleased }), epoch };
}

/** Of a commit without a tag of its own. */
export function versionBetween(
  base: string,
  { count, hash, isReleased }: { readonly count: string; readonly hash: string; readonly isReleased: boolean },
): string {
  return `${base}${isReleased ? '+' : '~'}${count}.g${hash}`;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}
