/**
 * Sweeps on real filesystems: what is found, what is not read twice, what is not followed, and where a sweep continues.
 */
import { fork, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joinedPath } from '../../fs/path.ts';
import { packRules } from '../../matching/rule-index.ts';
import type { FileRule } from '../../ipc/worker-messages.ts';
import { DigestFile } from './digest-file.ts';
import { mountsIn, sweptMounts, typesWithoutDevice } from '../../fs/mounts.ts';
import type { Hit } from './reader.ts';
import { newPace } from './pace.ts';
import { Pool } from './pool.ts';
import { sweep } from './sweep.ts';
import type { SweepOptions, SweepPlace, Swept } from './sweep.ts';
import { walk } from './walk.ts';

let folder: string;
let tree: string;
let hits: Hit[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-sweep-'));
  tree = join(folder, 'tree');
  mkdirSync(tree);
  hits = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bad = randomBytes(1000);

function ruleFor(content: Buffer, size: number | null = null): FileRule {
  const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();
  return { type: 'file_sha1', sha1, size, action: 'log', expiresAt: null, confirmed: false };
}

function run(more: Partial<SweepOptions> & { files?: readonly FileRule[] } = {}): Promise<Swept> {
  const { files = [ruleFor(bad)], ...options } = more;
  return sweep({
    roots: [tree],
    rules: packRules(files, Date.now()),
    digests: undefined,
    calls: undefined,
    megabytesPerSecond: 0,
    leaveOut: [],
    signal: new AbortController().signal,
    from: undefined,
    onHit: (hit) => void hits.push(hit),
    ...options,
  });
}

function found(): string[] {
  return hits.map(({ path }) => Buffer.from(path).toString('latin1')).sort();
}

/** A recent change is not remembered: waits for as long as that takes. */
async function settled(): Promise<void> {
  await sleep(2100);
}

describe('what is found', () => {
  test('has the listed content, at any depth, under names that are no text', async () => {
    const deep = join(tree, 'a', 'b', 'c');
    mkdirSync(deep, { recursive: true });
    const names = [
      Buffer.from('plain'),
      Buffer.from('two\nlines'),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.alloc(255, 0x78),
    ];
    const paths = names.map((name) => joinedPath(Buffer.from(deep), name));
    for (const path of paths) writeFileSync(path, bad);
    writeFileSync(join(tree, 'good'), randomBytes(1000));
    const { files, unreadable } = await run();
    expect(found()).toEqual(paths.map((path) => path.toString('latin1')).sort());
    expect({ files, unreadable }).toEqual({ files: 5, unreadable: 0 });
    const stats = statSync(paths[0] ?? '');
    expect(hits[0]).toMatchObject({ size: 1000, device: stats.dev });
  });

  test('is every name of a file that has several', async () => {
    writeFileSync(join(tree, 'one'), bad);
    linkSync(join(tree, 'one'), join(tree, 'two'));
    await run();
    expect(found()).toEqual([join(tree, 'one'), join(tree, 'two')]);
  });

  test('may be larger than what is read at once, and sparse', async () => {
    const path = join(tree, 'sparse');
    const file = openSync(path, 'w');
    ftruncateSync(file, 5_000_000);
    writeSync(file, 'end', 4_999_990);
    closeSync(file);
    const content = Buffer.alloc(5_000_000);
    content.write('end', 4_999_990);
    const { bytes } = await run({ files: [ruleFor(content)] });
    expect(found()).toEqual([path]);
    expect(bytes).toBe(5_000_000);
  });

  test('is never the empty file', async () => {
    writeFileSync(join(tree, 'empty'), '');
    await run({ files: [ruleFor(Buffer.alloc(0)), ruleFor(Buffer.alloc(0), 0)] });
    expect(found()).toEqual([]);
  });

  test('has not expired', async () => {
    writeFileSync(join(tree, 'one'), bad);
    await run({ files: [{ ...ruleFor(bad), expiresAt: Date.now() - 1 }] });
    expect(found()).toEqual([]);
  });
});

describe('what is not read', () => {
  test('are files of other sizes, when the sizes of all that is listed are known', async () => {
    for (let size = 1; size < 50; size += 1) writeFileSync(join(tree, `of-${size}`), randomBytes(size));
    writeFileSync(join(tree, 'bad'), bad);
    const { files, bytes } = await run({ files: [ruleFor(bad, 1000)] });
    expect({ files, bytes, found: found() }).toEqual({ files: 50, bytes: 1000, found: [join(tree, 'bad')] });
  });

  test('are pipes, sockets, devices and symbolic links: nothing hangs, and nothing is followed', async () => {
    writeFileSync(join(folder, 'outside'), bad);
    mkdirSync(join(folder, 'elsewhere'));
    writeFileSync(join(folder, 'elsewhere', 'bad'), bad);
    symlinkSync(join(folder, 'outside'), join(tree, 'to-file'));
    symlinkSync(join(folder, 'elsewhere'), join(tree, 'to-folder'));
    symlinkSync(tree, join(tree, 'to-itself'));
    spawnSync('mkfifo', [join(tree, 'pipe')]);
    if (process.getuid?.() === 0) spawnSync('mknod', [join(tree, 'zero'), 'c', '1', '5']);
    const server = createServer().listen(join(tree, 'socket'));
    try {
      const swept = await run();
      expect(swept).toMatchObject({ files: 0, bytes: 0, unreadable: 0, problems: [] });
      expect(found()).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('is a folder that is left out, whatever it is called', async () => {
    mkdirSync(join(tree, 'quarantine'));
    writeFileSync(join(tree, 'quarantine', 'copy'), bad);
    const { files } = await run({ leaveOut: [join(tree, 'quarantine'), join(tree, 'not-there')] });
    expect(files).toBe(0);
  });

  test('is said of roots that are not there', async () => {
    const { problems } = await run({ roots: [join(tree, 'nowhere'), 'relative'] });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('nowhere cannot be swept');
    expect(problems[1]).toContain('must begin with "/"');
  });

  test('twice: a root below another is swept with it, and a link to it too', async () => {
    mkdirSync(join(tree, 'sub'));
    writeFileSync(join(tree, 'sub', 'bad'), bad);
    symlinkSync(tree, join(folder, 'link'));
    const { files } = await run({ roots: [join(tree, 'sub'), tree, join(folder, 'link'), tree] });
    expect(files).toBe(1);
  });

  test('is counted when it may not be', () => {
    writeFileSync(join(tree, 'closed'), bad);
    chmodSync(join(tree, 'closed'), 0);
    const program = fileURLToPath(new URL('../../../../../test/scanner/sweep-once.ts', import.meta.url));
    const command = [process.execPath, program, tree];
    // Root may read everything, unless it has dropped that capability.
    const given = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
    const [file = '', ...args] = [...given, ...command];
    const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: 60_000 });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ files: 1, unreadable: 1 });
  });
});

describe('a file that changes', () => {
  test('while it is read has no digest, and is counted as unreadable', async () => {
    const path = join(tree, 'growing');
    writeFileSync(path, Buffer.alloc(20_000_000, 'x'));
    const digests = new DigestFile(join(folder, 'digests'));
    const writer = appending(path);
    try {
      await writer.ready;
      // Slow enough for the writer to have its turn while the file is read, however busy the machine is.
      const swept = await run({ digests, megabytesPerSecond: 20 });
      expect(swept).toMatchObject({ files: 1, unreadable: 1 });
      expect(swept.bytes).toBeLessThan(200_000_000);
    } finally {
      writer.end();
    }
    expect(statSync(join(folder, 'digests')).size).toBe(0);
  });

  test('or vanishes, or appears, does no harm', async () => {
    for (let at = 0; at < 2000; at += 1) writeFileSync(join(tree, `f${at}`), bad);
    const going = run();
    for (let at = 0; at < 2000; at += 2) rmSync(join(tree, `f${at}`));
    const { unreadable } = await going;
    expect(unreadable).toBe(0);
    expect(hits.length).toBeGreaterThanOrEqual(1000);
  });
});

describe('the second sweep', () => {
  test('reads nothing that it has read before, and finds the same', async () => {
    for (let at = 0; at < 300; at += 1) writeFileSync(join(tree, `f${at}`), randomBytes(500));
    writeFileSync(join(tree, 'bad'), bad);
    await settled();
    const digests = new DigestFile(join(folder, 'digests'));
    expect(await run({ digests })).toMatchObject({ files: 301, bytes: 151_000 });
    hits = [];
    expect(await run({ digests })).toMatchObject({ files: 301, bytes: 0 });
    expect(found()).toEqual([join(tree, 'bad')]);
  });

  test('reads what has changed, even if size and time of change were put back', async () => {
    const path = join(tree, 'file');
    writeFileSync(path, randomBytes(1000));
    const { atime, mtime } = statSync(path);
    await settled();
    const digests = new DigestFile(join(folder, 'digests'));
    await run({ digests });
    writeFileSync(path, bad);
    utimesSync(path, atime, mtime);
    expect(await run({ digests })).toMatchObject({ bytes: 1000 });
    expect(found()).toEqual([path]);
  });

  test('reads again what was changed just before it was read', async () => {
    const digests = new DigestFile(join(folder, 'digests'));
    // Again if the machine was so busy that the change was no longer recent when the sweep got there.
    for (let changedAt = 0; Date.now() - changedAt > 1500;) {
      writeFileSync(join(tree, 'fresh'), bad);
      changedAt = Date.now();
      await run({ digests });
    }
    expect(await run({ digests })).toMatchObject({ bytes: 1000 });
  });

  test('trusts no record that is damaged, and no half of one', async () => {
    writeFileSync(join(tree, 'file'), bad);
    await settled();
    const path = join(folder, 'digests');
    await run({ digests: new DigestFile(path) });
    appendFileSync(path, randomBytes(13));
    expect(await run({ digests: new DigestFile(path) })).toMatchObject({ bytes: 0 });
    expect(statSync(path).size).toBe(64);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.of(1, 2, 3), 0, 3, 45);
    closeSync(file);
    hits = [];
    expect(await run({ digests: new DigestFile(path) })).toMatchObject({ bytes: 1000 });
    expect(found()).toEqual([join(tree, 'file')]);
  });
});

describe('a sweep', () => {
  test('stops when it is cancelled, in the middle of a file if need be', async () => {
    const path = join(tree, 'endless');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 42);
    const stop = new AbortController();
    const going = run({ signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    expect(await going).toMatchObject({ cancelled: true });
  });

  test('reads no more in a second than it may', async () => {
    for (let at = 0; at < 6; at += 1) writeFileSync(join(tree, `f${at}`), randomBytes(500_000));
    const before = performance.now();
    await run({ megabytesPerSecond: 2 });
    expect(performance.now() - before).toBeGreaterThan(1000);
  });

  test('goes on at any folder where it was, and misses nothing after it', async () => {
    for (const one of ['a', 'b', 'b/x', 'b/y', 'b.d', 'c']) {
      mkdirSync(join(tree, one));
      for (let at = 0; at < 3; at += 1) writeFileSync(join(tree, one, `f${at}`), bad);
    }
    const root = Buffer.from(tree);
    const options = {
      roots: [{ path: root, device: statSync(tree).dev, subvolumes: false }],
      mountPoints: new Set<string>(),
      leftOut: () => false,
      unreadable: () => undefined,
    };
    const all = [...walk({ ...options, from: undefined })].flatMap(({ paths }) => paths.map(String));
    expect(all.map((path) => path.slice(tree.length + 1, -3))).toEqual(
      ['a', 'b', 'b/x', 'b/y', 'b.d', 'c'].flatMap((one) => [one, one, one]),
    );
    for (const [index, one] of ['a', 'b', 'b/x', 'b/y', 'b.d', 'c'].entries()) {
      const at = { root: 0, folder: joinedPath(root, Buffer.from(one)) };
      const rest = [...walk({ ...options, from: at })].flatMap(({ paths }) => paths.map(String));
      expect(rest).toEqual(all.slice(index * 3));
    }
  });

  test('says where it is, so that another one can go on there', async () => {
    for (let one = 0; one < 90; one += 1) {
      mkdirSync(join(tree, `d${one}`));
      for (let at = 0; at < 20; at += 1) writeFileSync(join(tree, `d${one}`, `f${at}`), randomBytes(10_000));
    }
    writeFileSync(join(tree, 'd9', 'bad'), bad);
    const places: SweepPlace[] = [];
    const stop = new AbortController();
    const swept = await run({
      megabytesPerSecond: 2,
      signal: stop.signal,
      onCheckpoint: (place) => {
        // While the first folders are in flight, a sweep would continue at the beginning; these threads have no
        // priority.
        const at = Buffer.from(place.folder, 'base64').toString();
        if (at === tree || at === join(tree, 'd0')) return;
        places.push(place);
        stop.abort();
      },
    });
    expect(swept.cancelled).toBe(true);
    const [from] = places;
    expect(from?.counts.files).toBeGreaterThan(0);
    const rest = await run({ from });
    expect(rest.cancelled).toBe(false);
    expect(rest.bytes - (from?.counts.bytes ?? 0)).toBeLessThan(18_001_000);
    expect(found()).toEqual([join(tree, 'd9', 'bad')]);
  });
});

describe('real filesystems', () => {
  test('are those with files of their own, each once, and no network', () => {
    const lines = [
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '23 22 0:5 / /proc rw - proc proc rw',
      '24 22 0:6 / /sys rw - sysfs sysfs rw',
      '25 22 0:30 / /dev/shm rw - tmpfs tmpfs rw',
      '26 22 254:0 /srv/data /mnt/again rw - ext4 /dev/vda rw',
      '27 22 8:1 / /mnt/with\\040blank rw shared:3 - xfs /dev/sda1 rw',
      '28 22 0:40 / /mnt/net rw - nfs4 server:/x rw',
      '29 22 0:41 / /mnt/phone rw - fuse.sshfs x rw',
      '30 22 0:42 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw',
      '31 22 8:17 /part /mnt/part rw - ext4 /dev/sdb1 rw',
    ];
    const nodev = ['proc', 'sysfs', 'tmpfs', 'nfs4', 'fuse', 'overlay'].map((type) => `nodev\t${type}\n`).join('');
    const mounts = mountsIn(Buffer.from(`${lines.join('\n')}\nnonsense\n`));
    const real = sweptMounts(mounts, typesWithoutDevice(`${nodev}\text4\n\txfs\n`));
    expect(real.map(({ path }) => path.toString())).toEqual(['/', '/dev/shm', '/mnt/part', '/mnt/with blank']);
  });
});

/** Appends to a file as fast as it can, from another process. */
function appending(path: string): { ready: Promise<unknown>; end: () => void } {
  const script = `const f = fs.openSync(${JSON.stringify(path)}, 'a'); process.send('open'); for (;;) fs.writeSync(f, 'x')`;
  const writer = fork('-e', [script], { execArgv: [] });
  return { ready: once(writer, 'message'), end: () => writer.kill('SIGKILL') };
}

describe('a thread', () => {
  test('that ends without an error fails the sweep: its batches would never be answered', async () => {
    const failure = Promise.withResolvers<Error>();
    const pool = new Pool({
      rules: packRules([], 0),
      records: undefined,
      pace: newPace(0),
      calls: undefined,
      examined: () => undefined,
      failed: failure.resolve,
      program: new URL('data:text/javascript,process.exit(0)'),
    });
    expect((await failure.promise).message).toBe('A thread of the sweep ended early.');
    await pool.close();
  });
});
