/** A full disk, as ransomware or a log leaves it: no restart follows an older desired state than the one in force. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../harness/privileged.ts';
import { testProgram, temporaryFolder } from './paths.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

// Skipped without root: a small filesystem has to be mounted (privileged.ts says so once).
test.skipIf(!root)('an enforcer on a full disk holds what was desired last, through each restart', () => {
  const [disk, memory] = [join(place.path, 'disk'), join(place.path, 'memory')];
  for (const folder of [disk, memory]) mkdirSync(folder);
  const script = 'mount -t tmpfs -o size=512k small "$1" && exec "$2" "$3" "$1" "$4"';
  const program = [disk, process.execPath, testProgram('full-disk-enforcer.ts'), memory];
  const within = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...program];
  const lines = execFileSync('unshare', within, { encoding: 'utf8', timeout: 60_000 }).trim().split('\n');
  const unsaved = expect.stringMatching(/could not be saved; a reboot would lose it: ENOSPC/);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      step: 'isolated on a full disk, with the reserve',
      held: 'isolated',
      isolation: 'isolated',
      epoch: 5,
      problem: null,
    },
    { step: 'restarted', held: 'isolated', isolation: 'isolated', epoch: 5, problem: null },
    { step: 'released without any room', held: 'normal', isolation: 'normal', epoch: 6, problem: unsaved },
    { step: 'restarted again', held: 'normal', isolation: 'normal', epoch: 6, problem: unsaved },
    { step: 'isolated without any room', held: 'isolated', isolation: 'isolated', epoch: 7, problem: unsaved },
    { step: 'and restarted', held: 'isolated', isolation: 'isolated', epoch: 7, problem: unsaved },
  ]);
});
