/** Every known way to a listed file, against each action: what is denied, what is reported, what stays unchanged. */
import { existsSync, linkSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { FileRule, Match } from '../../packages/agent/src/ipc/worker-messages.ts';
import { root } from '../harness/privileged.ts';
import { Site, ruleFor } from './site.ts';
import { ScannerBeside } from './scanner-beside.ts';

/** The quarantine by itself. */
const inside = fileURLToPath(new URL('../scanner/inside.ts', import.meta.url));
const actions = ['log', 'block', 'quarantine'] as const;
const text = (action: string): string => `#!/bin/sh\necho ran the one to ${action}\n`;
const shell = (command: string): string[] => ['sh', '-c', command];

/**
 * Programs that try to get at the file `$1` (a listed program: `$2`, a copy of true(1) with something appended), in
 * vain.
 */
const ways: Readonly<Record<string, (site: Site, file: string, program: string) => string[]>> = {
  'cat reads it': (_, file) => ['cat', file],
  'it is executed': (_, file) => [file],
  'a listed ELF program is executed': (_, __, program) => [program],
  'a shell runs it as a script': (_, file) => ['sh', file],
  'the loader runs it': (_, __, program) =>
    shell(`exec $(ls /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.* 2>/dev/null | head -1) ${program}`),
  'cp copies it': (site, file) => ['cp', file, site.path('a copy')],
  'it is opened through a name-only descriptor': (_, file) => [
    'python3',
    '-c',
    `import os; os.open("/proc/self/fd/%d" % os.open("${file}", os.O_PATH), os.O_RDONLY)`,
  ],
  'it is opened for writing': (_, file) => shell(`: >> ${file}`),
  'it is opened through a symbolic link': (_, file) => ['cat', `${file}.symbolic`],
  'it is opened through a hard link': (_, file) => ['cat', `${file}.hard`],
  'it is opened through a bind mount': (site, file) =>
    shell(
      `mkdir -p /tmp/$$ && mount --bind ${site.namespace.files} /tmp/$$ && cat /tmp/$$/${file.split('/').at(-1)}; code=$?; umount -l /tmp/$$; rmdir /tmp/$$; exit $code`,
    ),
  'it is opened in another mount namespace': (site, file) => [
    'unshare',
    '--mount',
    ...shell(
      `mkdir -p /tmp/$$ && mount --bind ${site.namespace.files} /tmp/$$ && cat /tmp/$$/${file.split('/').at(-1)}; code=$?; umount -l /tmp/$$; rmdir /tmp/$$; exit $code`,
    ),
  ],
  'it is opened through overlayfs': (site, file) => [
    'unshare',
    '--mount',
    ...shell(
      `mkdir -p /tmp/$$ && mount -t tmpfs none /tmp/$$ && cd /tmp/$$ && mkdir up work all && mount -t overlay -o lowerdir=${site.namespace.files},upperdir=up,workdir=work none all && cat all/${file.split('/').at(-1)}; code=$?; cd /; umount -l -R /tmp/$$; rmdir /tmp/$$; exit $code`,
    ),
  ],
  'a copy of another name is opened': (_, file) => ['cat', `${file}.copy`],
  'it was renamed': (_, file) => ['cat', `${file}.renamed`],
  'it is mapped into memory': (_, file) => [
    'python3',
    '-c',
    `import mmap; f = open("${file}", "rb"); mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)`,
  ],
};

/**
 * These give the file a path that is gone, or is another file's, when somebody else looks: it is refused, and stays.
 */
const elsewhere = /bind mount|another mount namespace|overlayfs/;
/** Each quarantined file exists for one test only. */
const toTake = Object.keys(ways).map((way, index) => [way, `quarantine-${String.fromCharCode(97 + index)}`] as const);

function isLogged({ action, detectedBy }: Match, by: string): boolean {
  return action === 'logged' && detectedBy === by;
}

describe.runIf(root)('a listed file', () => {
  let site: Site;
  let quarantine: ScannerBeside;
  let program: Buffer;
  beforeAll(async () => {
    site = await Site.make();
    program = Buffer.concat([await binaryOfTrue(), Buffer.from('listed')]);
    const rules: FileRule[] = actions.flatMap((action) => [
      ruleFor(text(action), { action }),
      ruleFor(elfOf(action), { action, type: 'file_sha1', size: null }),
    ]);
    makeFiles('log', 'log');
    makeFiles('block', 'block');
    for (const [, name] of toTake) makeFiles(name, 'quarantine');
    site.write('innocent', 'nobody lists this\n');
    quarantine = await ScannerBeside.open(site, rules);
    await site.enforce(...rules);
  }, 180_000);
  afterAll(() => {
    quarantine.close();
    site.close();
  });

  function elfOf(action: string): Buffer {
    return Buffer.concat([program, Buffer.from(action)]);
  }

  /** A listed file with all its other names, and a listed program. */
  function makeFiles(name: string, action: string): void {
    site.write(`${name}.elf`, elfOf(action), 0o755);
    for (const end of ['', '.copy', '.old']) site.write(name + end, text(action), 0o755);
    linkSync(site.namespace.outside(name), site.namespace.outside(`${name}.hard`));
    symlinkSync(site.path(name), site.namespace.outside(`${name}.symbolic`));
    renameSync(site.namespace.outside(`${name}.old`), site.namespace.outside(`${name}.renamed`));
  }

  /** How it ends, and what it prints; a code of null means that it hung. */
  async function tried(way: string, name: string): Promise<{ code: number | null; errors: string }> {
    const [command = '', ...rest] = ways[way]?.(site, site.path(name), site.path(`${name}.elf`)) ?? [];
    return site.namespace.run(command, ...rest);
  }

  describe.each(Object.keys(ways))('when %s', (way) => {
    test('is refused with EPERM, to block', async () => {
      const { code, errors } = await tried(way, 'block');
      expect([0, null]).not.toContain(code);
      expect(errors).toMatch(/Operation not permitted/);
      expect(existsSync(site.namespace.outside('block'))).toBe(true);
    });

    test('is allowed, to log', async () => {
      const { code, errors } = await tried(way, 'log');
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      // Opening it for writing may have changed nothing, but the others need it unchanged.
      writeFileSync(site.namespace.outside('log'), text('log'));
    });
  });

  test.each(toTake)('when %s is refused with EPERM, to quarantine', async (way, name) => {
    const { code, errors } = await tried(way, name);
    expect([0, null]).not.toContain(code);
    expect(errors).toMatch(/Operation not permitted/);
  });

  test.each(toTake.filter(([way]) => !elsewhere.test(way)))('when %s is then in quarantine', async (_way, name) => {
    const match = await site.enforcer.match(
      ({ action, file }) => action === 'blocked' && file?.path.text.startsWith(site.path(name)) === true,
    );
    const path = match.file?.path.text ?? '';
    expect(existsSync(site.namespace.outside(basename(path)))).toBe(true);
    const { action, remark, file } = await quarantine.take(match);
    expect({ action, remark }).toEqual({ action: 'quarantined', remark: null });
    expect(existsSync(site.namespace.outside(basename(path)))).toBe(false);
    expect(quarantine.filesOf(file?.quarantine ?? 'none').length).toBeGreaterThan(0);
  });

  test('is reported with its path, its digest and its opener', async () => {
    const found = await site.enforcer.match(
      ({ action, file }) => action === 'blocked' && file?.path.text === site.path('block'),
    );
    expect(found).toMatchObject({
      object: { type: 'file', content: ruleFor(text('block')).sha1 },
      count: 1,
      remark: null,
      file: {
        path: { text: site.path('block') },
        sha1: ruleFor(text('block')).sha1,
        size: text('block').length,
        inode: site.inodeOf('block'),
        otherLinks: 1,
        quarantine: null,
      },
      process: { executable: expect.stringMatching(/^\//) },
      user: { id: 0, name: 'root' },
    });
  });

  test('is reported as logged when it was allowed', async () => {
    const executed = await site.enforcer.match((one) => isLogged(one, 'execute'));
    const opened = await site.enforcer.match((one) => isLogged(one, 'open'));
    expect([executed.file?.path.text, opened.file?.path.text].every((path) => path?.includes('log'))).toBe(true);
    expect(
      site.enforcer.matches.some(({ action, file }) => action === 'blocked' && file?.path.text === site.path('log')),
    ).toBe(false);
  });

  test('is reported as an execution when it was executed', async () => {
    const executed = await site.enforcer.match(
      ({ detectedBy, action }) => detectedBy === 'execute' && action === 'blocked',
    );
    expect(executed.file?.path.text).toMatch(/block|quarantine/);
  });

  test('leaves other files alone', async () => {
    expect(await site.canRead('innocent')).toBe(true);
  });

  // The limit that docs/operating/objects.md states: content only in memory is on no watched filesystem.
  test('runs from memory, where nothing is intercepted', async () => {
    const script = `import os, sys
data = open("/bin/true", "rb").read() + b"listedblock"
fd = os.memfd_create("x"); os.write(fd, data); os.execve(fd, ["x"], {})`;
    const { code, errors } = await site.namespace.run('python3', '-c', script);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});

// The second one stays in its namespace, as a container does; that shows which folder it sees there.
describe.runIf(root)('a listed file to quarantine, matched where its path leads nowhere here', () => {
  test.each([
    ['plain', '', 'exit'],
    ['deep/folder/plain', 'deep/folder', 'exec sleep 1000'],
  ])(
    'is refused, and quarantined where it is: %s',
    async (name, folder, then) => {
      const site = await Site.make();
      onTestFinished(() => site.close());
      const point = join(site.namespace.folder, 'elsewhere');
      for (const made of [site.namespace.outside('deep/folder'), point]) mkdirSync(made, { recursive: true });
      site.write(name, text('quarantine'));
      await site.enforce(ruleFor(text('quarantine'), { action: 'quarantine' }));
      const script = `mount --bind "$1" "$2" && cat "$2/plain" 2>&1; echo; ${then}`;
      const source = site.path(folder);
      const opener = site.namespace.start('unshare', ['--mount', 'sh', '-c', script, 'sh', source, point]);
      const match = await site.enforcer.match(({ action }) => action === 'blocked');
      expect(match.file?.path).toEqual({ text: join(point, 'plain') });
      if (then === 'exit') await opener.exited;
      // On-access does not trust the quarantine here, so the test reads it after on-access has ended.
      site.onAccess.kill();
      await site.onAccess.exited;
      const quarantine = join(site.namespace.folder, 'quarantine');
      const message = JSON.stringify({ type: 'quarantine', match: match });
      const taken = await site.namespace.run(process.execPath, inside, 'take matched', quarantine, message);
      expect(taken).toMatchObject({ code: 0, errors: '' });
      const remark = `It was matched in another mount namespace; here it was ${site.path(name)}.`;
      expect(JSON.parse(taken.output)).toEqual({ done: remark });
      expect(existsSync(site.namespace.outside(name))).toBe(false);
    },
    60_000,
  );
});

async function binaryOfTrue(): Promise<Buffer> {
  return readFile(await realpath('/bin/true'));
}
