/** The versions of packages sort as their commits came, around a release too: for dpkg, for rpm, and for the install script. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { installScript } from '../../packages/server/src/installation/install-script.ts';
import { versionBetween } from '../../tools/package/version.ts';

const before = (count: string): string => versionBetween('0.2.0', { count, hash: 'fffffff', isReleased: false });
const after = (count: string): string => versionBetween('0.2.0', { count, hash: '0000000', isReleased: true });
/** Oldest first. */
const versions = ['0.1.0', before('999'), before('1000'), '0.2.0', after('1001'), after('10000'), '0.2.1'];

describe('versions', () => {
  it('sort as they came', () => {
    for (const [index, older] of versions.slice(0, -1).entries()) {
      const { status } = spawnSync('dpkg', ['--compare-versions', older, 'lt', versions[index + 1] ?? '']);
      expect([older, versions[index + 1], status]).toEqual([older, versions[index + 1], 0]);
    }
  });

  it.each([
    ['_', '_amd64.deb'],
    ['-', '-1.x86_64.rpm'],
    ['-', '-linux-amd64.tar.xz'],
  ])('sort alike in file names (%s…%s), of which the install script takes the last', (start, end) => {
    const newest = /^newest\(\) .*$/m.exec(installScript({ gateways: [], publicKeyPins: [] }))?.[0] ?? '';
    const names = versions.map((version) => `cordon-agent${start}${version}${end}`);
    for (const [index, name] of names.entries()) {
      const input = names
        .slice(0, index + 1)
        .toReversed()
        .join('\n');
      const { stdout } = spawnSync('sh', ['-c', `${newest}\nnewest`], { input, encoding: 'utf8' });
      expect(stdout.trim()).toBe(name);
    }
  });
});
