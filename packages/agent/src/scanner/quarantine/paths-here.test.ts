/** Which paths are proposed for a file matched in another mount namespace: on its own filesystem, and not too many. */
import { describe, expect, test } from 'vitest';
import type { Mount } from '../../fs/mounts.ts';
import { pathsAmong } from './paths-here.ts';

const device = '8:1';

function mount(path: string, more: Partial<Omit<Mount, 'path'>> = {}): Mount {
  return { path: Buffer.from(path), part: '/', device, type: 'ext4', ...more };
}

function paths(path: string, own: Mount[], ...others: Mount[][]): string[] {
  return pathsAmong(Buffer.from(path), { own, others, device }).map((found) => found.toString());
}

describe('a file of another mount namespace', () => {
  test('lies here where the part that is mounted there has its name, wherever that part is mounted', () => {
    const container = [mount('/', { device: '0:50', type: 'overlay' }), mount('/data', { part: '/srv/data' })];
    expect(paths('/data/in/bad', [mount('/')], container)[0]).toBe('/srv/data/in/bad');
    expect(paths('/data/in/bad', [mount('/disk', { part: '/srv' })], container)[0]).toBe('/disk/data/in/bad');
    expect(paths('/data/bad', [mount('/only', { part: '/srv/data' })], container)[0]).toBe('/only/bad');
  });

  test('is looked for by the end of its path when no process is left in that namespace', () => {
    expect(paths('/tmp/1/in/bad', [mount('/', { device: '8:2' }), mount('/disk')])).toEqual([
      '/disk/tmp/1/in/bad',
      '/disk/1/in/bad',
      '/disk/in/bad',
      '/disk/bad',
    ]);
  });

  test('is looked for on its own filesystem alone, and not where something else is mounted over it', () => {
    const own = [mount('/'), mount('/in', { device: '0:60', type: 'nfs4' })];
    expect(paths('/tmp/in/bad', own)).toEqual(['/bad']);
    expect(paths('/tmp/bad', [mount('/', { device: '8:2' })], [mount('/')])).toEqual([]);
  });

  test('is not looked for without end', () => {
    const own = Array.from({ length: 100 }, (_, number) => mount(`/${number}`));
    expect(paths('/a'.repeat(1000), own).length).toBe(256);
  });

  test('is proposed as the bytes that its name is', () => {
    const name = Buffer.from('/tmp/x/\xff', 'latin1');
    const [found] = pathsAmong(name, { own: [mount('/disk')], others: [[mount('/tmp/x')]], device });
    expect(found).toEqual(Buffer.from('/disk/\xff', 'latin1'));
  });
});
