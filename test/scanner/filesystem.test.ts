/** The quarantine on its own filesystem: locks, attributes, capabilities, read-only, and a full disk. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { walk } from '../../packages/agent/src/scanner/sweep/walk.ts';
import { root } from '../harness/privileged.ts';
import { MountNamespace } from '../harness/mount-namespace.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
const flag = { immutable: 0x10, append: 0x20, noDump: 0x40 } as const;

describe.runIf(root)('a filesystem of its own', () => {
  let namespace: MountNamespace;
  let quarantine: string;

  beforeEach(async () => {
    namespace = await MountNamespace.make();
    quarantine = join(namespace.folder, 'quarantine');
  });

  afterEach(() => namespace.close());

  async function ask(...what: string[]): Promise<unknown> {
    const { code, output, errors } = await namespace.run(process.execPath, inside, ...what);
    if (code !== 0) throw new Error(errors);
    return JSON.parse(output);
  }

  /** The only copy in quarantine. */
  async function idOf(taken: unknown): Promise<string> {
    const listed = await ask('list', quarantine);
    const id = Array.isArray(listed) ? String(listed[0]) : '';
    expect(taken).toEqual({ done: id });
    return id;
  }

  function place(name: string, content = 'bad'): string {
    writeFileSync(namespace.outside(name), content);
    return namespace.path(name);
  }

  test('that does not say of what type its entries are: a sweep still finds its files', async () => {
    const typeless = await MountNamespace.make('16M', '-O', '^filetype');
    try {
      const folder = Buffer.from(typeless.outside('folder'));
      mkdirSync(folder);
      const names = ['plain', '\xff\xfe'];
      for (const name of names) writeFileSync(Buffer.concat([folder, Buffer.from(`/${name}`, 'latin1')]), 'bad');
      symlinkSync('plain', typeless.outside('folder/link'));
      const batches = walk({
        roots: [{ path: folder, device: statSync(folder).dev, subvolumes: false }],
        mountPoints: new Set(),
        leftOut: () => false,
        from: undefined,
        unreadable: () => expect.unreachable('All of it can be read.'),
      });
      const found = [...batches].flatMap(({ paths }) => paths.map((path) => path.slice(folder.length + 1)));
      expect(found.sort()).toEqual(names);
    } finally {
      typeless.close();
    }
  });

  test.each([
    ['a plain file', 0],
    ['an immutable one', flag.immutable | flag.noDump],
    ['one that can only be appended to', flag.append],
  ])('%s comes back with owner, mode, attributes, capabilities, times and flags', async (_what, flags) => {
    const path = place('bad');
    const outside = namespace.outside('bad');
    chownSync(outside, 1234, 4321);
    chmodSync(outside, 0o4755);
    utimesSync(outside, 1_600_000_000.25, 1_500_000_000.125);
    await ask('dress', '-', path, String(flags));
    const before = await ask('facts', '-', path);
    expect(before).toMatchObject({ flags, attributes: expect.arrayContaining(['user.note=61206e6f7465']) });
    const id = await idOf(await ask('take', quarantine, path));
    expect(readdirSync(namespace.outside(''))).not.toContain('bad');
    expect(await ask('restore', quarantine, id)).toEqual({ done: null });
    expect(await ask('facts', '-', path)).toEqual(before);
    expect(await ask('list', quarantine)).toEqual([]);
  });

  test('a folder that is immutable is opened for it, and locked again', async () => {
    mkdirSync(namespace.outside('locked'));
    const path = place('locked/bad');
    await namespace.run('chattr', '+i', namespace.path('locked'));
    const id = await idOf(await ask('take', quarantine, path));
    expect((await namespace.run('touch', namespace.path('locked/new'))).code).toBe(1);
    expect(await ask('restore', quarantine, id)).toEqual({ done: null });
    expect((await namespace.run('touch', namespace.path('locked/new'))).code).toBe(1);
    await namespace.run('chattr', '-i', namespace.path('locked'));
    expect(readdirSync(namespace.outside('locked'))).toEqual(['bad']);
  });

  test('a read-only filesystem keeps its file, and the quarantine keeps no copy', async () => {
    const path = place('bad');
    expect((await namespace.run('mount', '-o', 'remount,ro', namespace.files)).code).toBe(0);
    expect(await ask('take', quarantine, path)).toEqual({ failed: expect.stringContaining('read-only') });
    expect(readdirSync(quarantine)).toEqual(['key']);
    expect(existsSync(namespace.outside('bad'))).toBe(true);
  });

  test('a quarantine without room to spare takes nothing, and says how much is missing', async () => {
    const path = place('bad');
    const small = namespace.path('quarantine');
    expect(await ask('take', small, path)).toEqual({ failed: expect.stringContaining('Make room there') });
    expect(existsSync(namespace.outside('bad'))).toBe(true);
  });

  test('a full disk gets nothing back, not even half of it, until there is room', async () => {
    const path = place('bad', 'bad'.repeat(1_000_000));
    const before = await ask('facts', '-', path);
    const id = await idOf(await ask('take', quarantine, path));
    await namespace.run('sh', '-c', `cat /dev/zero > ${namespace.path('filler')}`);
    expect(await ask('restore', quarantine, id)).toEqual({ failed: expect.stringContaining('The disk is full') });
    expect(readdirSync(namespace.outside('')).sort()).toEqual(['filler', 'lost+found']);
    expect(await ask('list', quarantine)).toEqual([id]);
    await namespace.run('rm', namespace.path('filler'));
    expect(await ask('restore', quarantine, id)).toEqual({ done: null });
    expect(await ask('facts', '-', path)).toEqual(before);
  });

  test('a sweep of the filesystem above does not go into it', async () => {
    const content = 'content that is looked for';
    place('bad', content);
    writeFileSync(join(namespace.folder, 'bad'), content);
    expect(await ask('sweep', namespace.folder, content)).toEqual([join(namespace.folder, 'bad')]);
    expect(await ask('sweep', namespace.files, content)).toEqual([namespace.path('bad')]);
  });
});
