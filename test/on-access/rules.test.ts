/** Denial follows the list, the settings, the protected files and the content of the file, never an old decision. */
import { chownSync, lstatSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { processName } from '../../packages/agent/src/kernel/process-name.ts';
import { fileKey, pathKey } from '../../packages/agent/src/fs/file-keys.ts';
import { root } from '../harness/privileged.ts';
import { whileItLasts } from '../harness/timing.ts';
import { eventually } from '../harness/eventually.ts';
import { Site, ruleFor } from './site.ts';

const evil = 'a listed text of some length\n';
const good = 'an innocent text of it too!!\n';
/** How long a file must be unchanged before its times are trusted; see packages/agent/src/fs/file-version.ts. */
const settled = 100;

describe.runIf(root)('what is denied', () => {
  let site: Site;
  let count = 0;
  beforeAll(async () => {
    site = await Site.make();
    site.write('sentinel', evil);
    await site.enforce(ruleFor(evil));
  });
  afterAll(() => site.close());
  afterEach(() => site.enforcer.send({ type: 'protected-files', package: '', always: '' }));

  /** A new file for each test, with nothing known of it. */
  function fresh(content: string): string {
    count += 1;
    site.write(`file ${count}`, content);
    return `file ${count}`;
  }

  /** Opened until every cache knows it: first examined, then ignored by the kernel. */
  async function letThrough(name: string): Promise<void> {
    await sleep(settled);
    for (let time = 0; time < 3; time += 1) expect(await site.canRead(name)).toBe(true);
  }

  async function isDenied(name: string): Promise<void> {
    await eventually(`${name} is denied`, async () => ((await site.canRead(name)) ? undefined : true));
  }

  async function isAllowed(name: string): Promise<void> {
    await eventually(`${name} is allowed`, async () => ((await site.canRead(name)) ? true : undefined));
  }

  describe.each(['listed with its size', 'listed without it'])('%s', (kind) => {
    const also = kind === 'listed with its size' ? {} : ({ type: 'file_sha1', size: null } as const);
    beforeAll(async () => {
      await site.enforce(ruleFor(evil, also));
      await isDenied('sentinel');
    });

    test('a file that was allowed and is then written to', async () => {
      const name = fresh(good);
      await letThrough(name);
      writeFileSync(site.namespace.outside(name), evil);
      expect(await site.canRead(name)).toBe(false);
    });

    test('a file that is cut short to listed content', async () => {
      const name = fresh(evil + good);
      await letThrough(name);
      truncateSync(site.namespace.outside(name), evil.length);
      expect(await site.canRead(name)).toBe(false);
    });

    test('a file that was changed through a shared mapping, once that has ended', async () => {
      const name = fresh(good);
      await letThrough(name);
      await site.namespace.run('python3', '-c', mapped(site.path(name), [evil]));
      await isDenied(name);
      expect(await site.canRead(name)).toBe(false);
    });

    test('a file that was looked at while a mapping had changed half of it already', async () => {
      const name = fresh(good);
      await sleep(settled);
      const half = evil.slice(0, 10) + good.slice(10);
      // Opened by others after the first change; the second leaves the times unchanged, because the page is already
      // dirty.
      const { output } = await site.namespace.run('python3', '-c', mapped(site.path(name), [half, evil]));
      expect(output).toBe('read denied ');
      await isDenied(name);
    });

    test('a file that others than root may write to, at once when it is changed through a mapping', async () => {
      const name = fresh(good);
      chownSync(site.namespace.outside(name), 65_534, 65_534);
      await letThrough(name);
      const { output } = await site.namespace.run('python3', '-c', mapped(site.path(name), [evil]));
      expect(output).toBe('denied ');
    });

    test('a file whose mtime was put back after it was changed', async () => {
      const name = fresh(good);
      const long = new Date(1_600_000_000_000);
      utimesSync(site.namespace.outside(name), long, long);
      await letThrough(name);
      writeFileSync(site.namespace.outside(name), evil);
      utimesSync(site.namespace.outside(name), long, long);
      expect(await site.canRead(name)).toBe(false);
    });

    test('an executable is checked each time, whatever the kernel allows about opening it', async () => {
      const script = '#!/bin/sh\necho fine\n';
      count += 1;
      site.write(`file ${count}`, script, 0o755);
      await letThrough(`file ${count}`);
      await site.enforce(ruleFor(script, also), ruleFor(evil, also));
      const { errors } = await eventually('it is refused', async () => {
        const outcome = await site.namespace.run(site.path(`file ${count}`));
        return outcome.code === 0 ? undefined : outcome;
      });
      expect(errors).toMatch(/Operation not permitted/);
      await site.enforce(ruleFor(evil, also));
    });

    test('what was allowed before it was listed', async () => {
      const text = `listed only later ${kind}\n`;
      const name = fresh(text);
      await letThrough(name);
      await site.enforce(ruleFor(evil), ruleFor(text, also));
      await isDenied(name);
      await site.enforce(ruleFor(evil, also));
      await isAllowed(name);
      expect(await site.canRead(name)).toBe(true);
    });

    test('only until its rule has expired', async () => {
      const text = `listed for a while ${kind}\n`;
      const name = fresh(text);
      await whileItLasts(async (expiresAt) => {
        await site.enforce(ruleFor(evil, also), ruleFor(text, { ...also, expiresAt }));
        await isDenied(name);
      });
      await isAllowed(name);
      expect(await site.canRead('sentinel')).toBe(false);
    });
  });

  test('what is written is reported when it is closed, before anybody opens it', async () => {
    const text = `written, and never opened\n`;
    const testProgram = `listed at the same time\n`;
    await site.enforce(ruleFor(evil), ruleFor(text), ruleFor(testProgram));
    await isDenied(fresh(testProgram));
    const name = fresh(text);
    const { file, remark } = await site.enforcer.match(
      (one) => one.detectedBy === 'write' && one.object.content === ruleFor(text).sha1,
    );
    expect(file?.path.text).toBe(site.path(name));
    expect(remark).toMatch(/just written/);
  });

  test('changes of the list follow one another, and after one that does not on-access requests all of it', async () => {
    const [first, second] = ['the first of two\n', 'the second of two\n'];
    const names = [fresh(first), fresh(second)];
    await site.enforce(ruleFor(evil), ruleFor(first));
    await isDenied(names[0] ?? '');
    const { revision } = site.enforcer;
    site.enforcer.sendOnce({
      type: 'rules-changed',
      after: revision,
      revision: revision + 1,
      put: [ruleFor(second)],
      remove: [ruleFor(first).sha1],
    });
    await isDenied(names[1] ?? '');
    await isAllowed(names[0] ?? '');
    const hellos = site.enforcer.received.filter(({ type }) => type === 'hello').length;
    site.enforcer.sendOnce({ type: 'rules-changed', after: revision + 7, revision: revision + 8, put: [], remove: [] });
    await eventually('on-access connects again', () =>
      site.enforcer.received.filter(({ type }) => type === 'hello').length > hellos ? true : undefined,
    );
    // It was sent all of it: the list from before the change.
    await isDenied(names[0] ?? '');
    await isAllowed(names[1] ?? '');
    expect(await site.canRead(names[1] ?? '')).toBe(true);
  });

  test('nothing while only logging, and everything again when enforcing', async () => {
    await site.enforce(ruleFor(evil));
    site.enforcer.set({ mode: 'log' });
    await isAllowed('sentinel');
    await site.enforcer.match(({ action, file }) => action === 'logged' && file?.path.text === site.path('sentinel'));
    site.enforcer.set({ mode: 'off' });
    await site.enforcer.state('off');
    expect(await site.canRead('sentinel')).toBe(true);
    site.enforcer.set({ mode: 'enforce' });
    await isDenied('sentinel');
  });

  test('nothing is intercepted while nothing is listed', async () => {
    site.enforcer.list([]);
    await isAllowed('sentinel');
    const { filesystems, message } = await site.enforcer.state('on');
    expect(filesystems).toEqual([]);
    expect(message).toMatch(/No file is listed/);
    await site.enforce(ruleFor(evil));
    await isDenied('sentinel');
  });

  describe('but not protected files', () => {
    test('a file of a package: allowed, and reported as held back', async () => {
      const name = fresh(evil);
      site.enforcer.send({
        type: 'protected-files',
        package: protectedFilesOf('/nothing', site.path(name)),
        always: '',
      });
      await isAllowed(name);
      const reported = await site.enforcer.match(
        ({ action, file }) => action === 'held-back' && file?.path.text === site.path(name),
      );
      expect(reported.remark).toMatch(/protected file/);
      expect(await site.canRead('sentinel')).toBe(false);
    });

    test('unless somebody has confirmed it', async () => {
      const name = fresh(evil);
      site.enforcer.send({ type: 'protected-files', package: protectedFilesOf(site.path(name)), always: '' });
      await isAllowed(name);
      await site.enforce(ruleFor(evil, { confirmed: true }));
      await isDenied(name);
      expect(await site.canRead(name)).toBe(false);
    });

    test('of our own, and loaders: always', async () => {
      await site.enforce(ruleFor(evil, { confirmed: true }));
      const name = fresh(evil);
      await isDenied(name);
      site.enforcer.send({ type: 'protected-files', package: '', always: protectedFilesOf(site.path(name)) });
      await isAllowed(name);
      expect(await site.canRead(name)).toBe(true);
    });

    test.each([
      [
        'a bind mount of its folder',
        'mkdir -p /tmp/$$ && mount --bind "$1" /tmp/$$ && cat "/tmp/$$/$2"; code=$?; umount -l /tmp/$$; rmdir /tmp/$$; exit $code',
      ],
      ['a hard link', 'ln "$1/$2" "$1/$2 too" && cat "$1/$2 too"'],
    ])('by whatever further path: %s', async (_way, script) => {
      await site.enforce(ruleFor(evil));
      const name = fresh(evil);
      const opened = async (): Promise<boolean> =>
        (await site.namespace.run('sh', '-c', script, 'sh', site.namespace.files, name)).code === 0;
      await isDenied(name);
      expect(await opened()).toBe(false);
      const file = lstatSync(site.namespace.outside(name));
      site.enforcer.send({ type: 'protected-files', package: packed(fileKey(file)), always: '' });
      await isAllowed(name);
      rmSync(site.namespace.outside(`${name} too`), { force: true });
      expect(await opened()).toBe(true);
      await site.enforcer.match(
        ({ action, file: seen }) =>
          action === 'held-back' && seen?.inode === file.ino && seen.path.text !== site.path(name),
      );
      expect(await site.canRead('sentinel')).toBe(false);
    });

    test('a file that only looks as if it were at that place is no such file', async () => {
      const name = fresh(evil);
      site.enforcer.send({ type: 'protected-files', package: '', always: protectedFilesOf(site.path(name)) });
      await isAllowed(name);
      // The path is the same in that namespace, and leads to another file here.
      const script = `mkdir -p /tmp/$$ && mount --bind ${site.namespace.files} /tmp/$$ && mount -t tmpfs none ${site.namespace.files} && cat "/tmp/$$/${name}"; code=$?; umount -l ${site.namespace.files} /tmp/$$; exit $code`;
      const { code } = await site.namespace.run('unshare', '--mount', 'sh', '-c', script);
      expect(code).not.toBe(0);
    });
  });

  test('to a process of the agent itself nothing, for as long as it is that process', async () => {
    await site.enforce(ruleFor(evil));
    await isDenied('sentinel');
    const script = `import sys
for line in sys.stdin:
    try: open("${site.path('sentinel')}").close(); print('{"event":"opened"}', flush=True)
    except PermissionError: print('{"event":"denied"}', flush=True)`;
    const asking = site.namespace.start('python3', ['-c', script]);
    const answers = async (event: string): Promise<void> => {
      await eventually(`it is ${event}`, async () => {
        const { event: now } = await asking.request({}, {});
        return now === event ? true : undefined;
      });
    };
    await answers('denied');
    const own = processName(asking.child.pid ?? 0);
    if (!own) throw new Error('It has ended.');
    site.enforcer.send({ type: 'trusted', processes: [own] });
    await answers('opened');
    site.enforcer.send({ type: 'trusted', processes: [{ ...own, startedAt: own.startedAt - 1 }] });
    await answers('denied');
    expect(await site.canRead('sentinel')).toBe(false);
  });

  test('on a filesystem that is mounted later, too', { timeout: 180_000 }, async () => {
    const other = await Site.make();
    try {
      other.enforcer.list([ruleFor(evil)]);
      other.enforcer.set({});
      await other.enforcer.watches(other.namespace.files);
      // The last opening may have its answer a moment before on-access has closed its own descriptor.
      await eventually('it is unmounted', async () => {
        const { code } = await other.namespace.run('umount', other.namespace.files);
        return code === 0 ? true : undefined;
      });
      const { message } = await other.enforcer.state('unable');
      expect(message).toMatch(/No filesystem is watched/);
      await other.namespace.run('mount', '-o', 'loop', `${other.namespace.folder}/image`, other.namespace.files);
      await other.enforcer.watches(other.namespace.files);
      other.write('evil', evil);
      expect(await other.canRead('evil')).toBe(false);
    } finally {
      other.close();
    }
  });

  test('a file to quarantine is reported at once each time that it is dropped, and not when its minute is over', async () => {
    const text = 'dropped again and again\n';
    await site.enforce(ruleFor(evil), ruleFor(text, { action: 'quarantine' }));
    // Its inode may be the same each time.
    const reported = (): number =>
      site.enforcer.received.filter(
        (one) =>
          one.type === 'match' &&
          one.match.object.content === ruleFor(text).sha1 &&
          one.match.detectedBy === 'open' &&
          one.further !== true,
      ).length;
    for (let time = 1; time <= 3; time += 1) {
      site.write('dropped', text);
      await isDenied('dropped');
      await eventually(`it is reported by ${time}`, () => (reported() >= time ? true : undefined));
      expect(await site.canRead('dropped')).toBe(false);
      rmSync(site.namespace.outside('dropped'));
    }
    expect(reported()).toBe(3);
  });

  test('like matches within a minute are reported once', async () => {
    const text = 'opened again and again\n';
    const name = fresh(text);
    await site.enforce(ruleFor(evil), ruleFor(text));
    await isDenied(name);
    for (let time = 0; time < 5; time += 1) expect(await site.canRead(name)).toBe(false);
    const reported = site.enforcer.matches.filter(
      (one) => one.object.content === ruleFor(text).sha1 && one.detectedBy === 'open',
    );
    expect(reported.map(({ count: times }) => times)).toEqual([1]);
  });
});

/** Python that changes a file through a shared mapping, and prints whether `cat` could open it between two texts. */
function mapped(path: string, texts: string[]): string {
  return `
import mmap, subprocess, time
f = open("${path}", "r+b"); m = mmap.mmap(f.fileno(), 0); f.close()
for text in ${JSON.stringify(texts)}:
    m[0:len(text)] = text.encode()
    time.sleep(0.2)
    print("denied" if subprocess.run(["cat", "${path}"], capture_output=True).returncode else "read", end=" ")
m.close()`;
}

function protectedFilesOf(...paths: string[]): string {
  return packed(...paths.map((path) => pathKey(Buffer.from(path))));
}

function packed(...keys: number[]): string {
  return Buffer.from(new Float64Array(keys.sort((one, other) => one - other)).buffer).toString('base64');
}
