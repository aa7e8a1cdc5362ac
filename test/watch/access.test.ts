/** Every way to a listed file that we know of, against each action: what is denied, what is told, and what stays as it was. */
import { linkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileRule, Finding } from '../../packages/agent/src/pipe/parts.ts';
import { root } from '../agent/privileged.ts';
import { Site, ruleFor } from './site.ts';

const actions = ['log', 'block', 'quarantine'] as const;
const text = (action: string): string => `#!/bin/sh\necho ran the one to ${action}\n`;
const shell = (command: string): string[] => ['sh', '-c', command];

/** Programs that get at the file `$1` (a listed program: `$2`, a copy of true(1) with something behind it), and should not. */
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

function isLogged({ action, seenBy }: Finding, by: string): boolean {
  return action === 'logged' && seenBy === by;
}

describe.runIf(root)('a listed file', () => {
  let site: Site;
  let program: Buffer;
  beforeAll(async () => {
    site = await Site.make();
    program = Buffer.concat([await binaryOfTrue(), Buffer.from('listed')]);
    const rules: FileRule[] = [];
    for (const action of actions) {
      const elf = Buffer.concat([program, Buffer.from(action)]);
      rules.push(ruleFor(text(action), { action }), ruleFor(elf, { action, type: 'file_sha1', size: null }));
      site.write(`${action}.elf`, elf, 0o755);
      for (const end of ['', '.copy', '.old']) site.write(action + end, text(action), 0o755);
      linkSync(site.namespace.outside(action), site.namespace.outside(`${action}.hard`));
      symlinkSync(site.path(action), site.namespace.outside(`${action}.symbolic`));
      renameSync(site.namespace.outside(`${action}.old`), site.namespace.outside(`${action}.renamed`));
    }
    site.write('innocent', 'nobody lists this\n');
    await site.enforce(...rules);
  });
  afterAll(() => site.close());

  describe.each(Object.entries(ways))('when %s', (way, command) => {
    test.each(['block', 'quarantine'] as const)('is refused with EPERM, to %s', async (action) => {
      const [name = '', ...rest] = command(site, site.path(action), site.path(`${action}.elf`));
      const { code, errors } = await site.namespace.run(name, ...rest);
      expect(code, `${way}: ${errors}`).not.toBeNull();
      expect(code).not.toBe(0);
      expect(errors).toMatch(/Operation not permitted/);
    });

    test('is let through, to log', async () => {
      const [name = '', ...rest] = command(site, site.path('log'), site.path('log.elf'));
      const { code, errors } = await site.namespace.run(name, ...rest);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      // Opening it for writing may have changed nothing, but it is to be as it was for the others.
      writeFileSync(site.namespace.outside('log'), text('log'));
    });
  });

  test('is told with its path, its hash, and who opened it', async () => {
    const found = await site.enforcer.finding(
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

  test('is told as logged when it was let through', async () => {
    const executed = await site.enforcer.finding((one) => isLogged(one, 'execute'));
    const opened = await site.enforcer.finding((one) => isLogged(one, 'open'));
    expect([executed.file?.path.text, opened.file?.path.text].every((path) => path?.includes('log'))).toBe(true);
    expect(
      site.enforcer.findings.some(({ action, file }) => action === 'blocked' && file?.path.text === site.path('log')),
    ).toBe(false);
  });

  test('is told as an execution when it was executed', async () => {
    const executed = await site.enforcer.finding(({ seenBy, action }) => seenBy === 'execute' && action === 'blocked');
    expect(executed.file?.path.text).toMatch(/block|quarantine/);
  });

  test('leaves other files alone', async () => {
    expect(await site.canRead('innocent')).toBe(true);
  });

  // The limit that docs/operating/objects.md states: what is in memory only is on no filesystem that is watched.
  test('runs from memory, where nobody is asked', async () => {
    const script = `import os, sys
data = open("/bin/true", "rb").read() + b"listedblock"
fd = os.memfd_create("x"); os.write(fd, data); os.execve(fd, ["x"], {})`;
    const { code, errors } = await site.namespace.run('python3', '-c', script);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});

async function binaryOfTrue(): Promise<Buffer> {
  return readFile(await realpath('/bin/true'));
}
