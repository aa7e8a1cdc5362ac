/** The pure parts of on-access: filesystems, digests, pending events, matches. */
import { expect, test } from 'vitest';
import { eventBytes, eventIn, writeAnswer } from '../kernel/fanotify.ts';
import type { Match } from '../ipc/worker-messages.ts';
import { Coalescer } from './coalescer.ts';
import { Deadlines } from './reader/deadlines.ts';
import {
  answer,
  begin,
  pendingEventAt,
  finish,
  handOver,
  isTrusted,
  newPendingEvents,
  setTrusted,
} from './reader/pending-events.ts';
import { isSettled, settledAfterMs } from '../fs/file-version.ts';
import type { FileVersion } from '../fs/file-version.ts';
import { isReal, mountsIn, onlyThese, typesWithoutDevice, watchedMounts, whyNotWatched } from '../fs/mounts.ts';
import { DigestCache, newDigestMemory } from './reader/digest-cache.ts';

const withoutDevice = typesWithoutDevice(
  `${['proc', 'sysfs', 'cgroup2', 'devpts', 'autofs', 'tmpfs', 'ramfs', 'nfs4', 'overlay', 'fuse', 'zfs'].map((type) => `nodev\t${type}\n`).join('')}\text4\n\txfs\n\tvfat\n\tfuseblk\n\tocfs2\n`,
);
const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 254:0 /srv /srv/bound rw - ext4 /dev/vda rw
31 27 0:40 / /run rw shared:5 master:2 - tmpfs tmpfs rw
32 27 8:1 / /media/a\\040disk rw - vfat /dev/sda1 rw
33 27 0:50 / /mnt/net rw - nfs4 server:/ rw
34 27 0:51 / /var/lib/box rw - overlay overlay rw
35 27 8:2 / /hidden rw - xfs /dev/sda2 rw
36 35 0:52 / /hidden rw - fuse.sshfs far: rw
37 27 8:3 / /mnt/shared rw - ocfs2 /dev/sdb rw
`;

function watched(only: string | undefined): string[][] {
  const mounts = watchedMounts(mountsIn(Buffer.from(mountinfo)), withoutDevice, onlyThese(only));
  return mounts.map(({ device, path, type }) => [device, path.toString(), type]);
}

test('each real filesystem is watched once, by its shortest mount point', () => {
  expect(watched(undefined)).toEqual([
    ['254:0', '/', 'ext4'],
    ['0:40', '/run', 'tmpfs'],
    ['8:1', '/media/a disk', 'vfat'],
  ]);
});

test('only the named mount points are watched when there are any, and never what they merely lie on', () => {
  expect(watched('/run:/nowhere:/proc').map(([, path]) => path)).toEqual(['/run']);
  expect(watched('/srv')).toEqual([]);
});

test('a filesystem is real when it needs a block device or keeps files in memory, and no program keeps it', () => {
  expect(
    ['ext4', 'xfs', 'vfat', 'ocfs2', 'tmpfs', 'ramfs', 'zfs', 'new-in-linux-9'].filter(
      (type) => !isReal(type, withoutDevice),
    ),
  ).toEqual([]);
  const none = ['proc', 'sysfs', 'cgroup2', 'devpts', 'autofs', 'nfs4', 'overlay', 'fuse.sshfs', 'fuseblk', 'fuse'];
  expect(none.filter((type) => isReal(type, withoutDevice))).toEqual([]);
});

test('a real one that other machines share is not watched, for a reason', () => {
  expect(whyNotWatched('ocfs2')).toMatch(/other machines/);
  expect(whyNotWatched('ext4')).toBeUndefined();
});

test('lines of mountinfo that are none are passed over', () => {
  expect(mountsIn(Buffer.from('\nnonsense\n1 2 3\n - \n'))).toEqual([]);
});

test('an event of the kernel is read as it is laid out', () => {
  const bytes = Buffer.alloc(eventBytes);
  bytes.writeUInt32LE(eventBytes, 0);
  bytes[4] = 3;
  bytes.writeUInt32LE(0x40000, 8);
  bytes.writeInt32LE(17, 16);
  bytes.writeInt32LE(4711, 20);
  expect(eventIn(bytes)).toEqual({ kind: 'execute', file: 17, pid: 4711 });
  bytes.writeUInt32LE(0x10000, 8);
  expect(eventIn(bytes)?.kind).toBe('open');
  bytes.writeUInt32LE(0x8, 8);
  expect(eventIn(bytes)?.kind).toBe('written');
  bytes.writeInt32LE(-1, 16);
  expect(eventIn(bytes)).toBeUndefined();
  bytes.writeInt32LE(17, 16);
  bytes[4] = 4;
  expect(eventIn(bytes)).toBeUndefined();
  expect(writeAnswer(Buffer.alloc(8), 17, 2).toString('hex')).toBe('1100000002000000');
});

const moment = 1_800_000_000_000;
const stats: FileVersion = { dev: 5, ino: 77, size: 9, mtimeMs: moment, ctimeMs: moment };

test('a hash is known again for the very same content only', () => {
  const digests = new DigestCache(newDigestMemory());
  const digest = new Uint8Array(20).fill(7);
  const into = new Uint8Array(20);
  digests.put(stats, digest);
  expect(digests.get(stats, into)).toBe(true);
  expect(into).toEqual(digest);
  for (const other of [{ size: 10 }, { mtimeMs: moment + 0.001 }, { ctimeMs: moment + 0.001 }, { ino: 78 }, { dev: 6 }])
    expect(digests.get({ ...stats, ...other }, into)).toBe(false);
  digests.forget(stats);
  expect(digests.get(stats, into)).toBe(false);
});

test('a hash is seen by all threads, and an inode too large for a double has none', () => {
  const memory = newDigestMemory();
  new DigestCache(memory).put(stats, new Uint8Array(20));
  expect(new DigestCache(memory).get(stats, new Uint8Array(20))).toBe(true);
  const large = { ...stats, ino: 2 ** 53 };
  new DigestCache(memory).put(large, new Uint8Array(20));
  expect(new DigestCache(memory).get(large, new Uint8Array(20))).toBe(false);
});

test('times of just now, or of the future, are not trusted', () => {
  const { onAccess, sweep } = settledAfterMs;
  expect(isSettled(stats, moment + 51, onAccess)).toBe(true);
  expect(isSettled(stats, moment + 49, onAccess)).toBe(false);
  expect(isSettled(stats, moment - 1000, onAccess)).toBe(false);
  expect(isSettled({ ...stats, ctimeMs: moment + 1 }, moment + 51, onAccess)).toBe(false);
  expect(isSettled(stats, moment + 2001, sweep)).toBe(true);
  expect(isSettled(stats, moment + 2000, sweep)).toBe(false);
});

const match: Match = {
  at: moment,
  detectedBy: 'open',
  object: { type: 'file', content: 'A'.repeat(40) },
  action: 'blocked',
  remark: null,
  count: 1,
  file: null,
  process: { pid: 1, startedAt: 1, name: 'cat', executable: '/bin/cat', commandLine: 'cat' },
  user: null,
  remote: null,
};

test('the first of like matches is reported at once, the others when their minute is over', () => {
  const coalescer = new Coalescer();
  expect(coalescer.add(match, 0)).toEqual([{ match: match, further: false }]);
  expect(coalescer.add({ ...match, at: moment + 1 }, 1)).toEqual([]);
  expect(coalescer.add({ ...match, at: moment + 2 }, 2)).toEqual([]);
  expect(coalescer.due(59_999)).toEqual([]);
  const others = { ...match, at: moment + 2, count: 2 };
  expect(coalescer.due(60_000)).toEqual([{ match: others, further: true }]);
  expect(coalescer.due(200_000)).toEqual([]);
  expect(coalescer.add(match, 200_000)).toEqual([{ match: match, further: false }]);
});

test('another action, object or program is another match', () => {
  const coalescer = new Coalescer();
  const others: Match[] = [
    match,
    { ...match, action: 'logged' },
    { ...match, object: { type: 'file', content: 'B'.repeat(40) } },
    { ...match, process: null },
  ];
  expect(others.map((one) => coalescer.add(one, 0).length)).toEqual([1, 1, 1, 1]);
});

test('a file to quarantine is reported at once, each file once', () => {
  const coalescer = new Coalescer();
  expect(coalescer.add(match, 0, 'a file')).toHaveLength(1);
  expect(coalescer.add(match, 1, 'a later file of the same path')).toHaveLength(1);
  expect(coalescer.add(match, 2, 'a file')).toEqual([]);
  const left = coalescer.due(Infinity);
  expect(left.map((one) => [one.match.count, one.further])).toEqual([[1, true]]);
});

test('an execution and the opening that belongs to it are one act', () => {
  const coalescer = new Coalescer();
  coalescer.add({ ...match, detectedBy: 'execute' }, 0);
  coalescer.add(match, 1);
  expect(coalescer.due(Infinity)).toEqual([]);
});

test('groups of matches are bounded, and nothing that was counted is lost', () => {
  const coalescer = new Coalescer();
  const reported = Array.from({ length: 3000 }, (_, number) => {
    const one = { ...match, object: { type: 'file', content: number.toString(16).padStart(40, '0') } } as const;
    return [...coalescer.add(one, 0), ...coalescer.add(one, 0)];
  }).flat();
  const all = [...reported, ...coalescer.due(Infinity)];
  expect(all.reduce((sum, one) => sum + one.match.count, 0)).toBe(6000);
  expect(reported.length).toBeGreaterThan(4900);
});

/** A group that is none: an answer would be an error, so a test that gives none shows that there was none. */
const nobody = -1;

test("an event that was handed to the hasher is no longer its reader's", () => {
  const pendingEvents = newPendingEvents();
  begin(pendingEvents, 0, { kind: 'written', file: 9, pid: 3 });
  const number = handOver(pendingEvents, 0) ?? -1;
  expect(pendingEventAt(pendingEvents, 0)).toBeUndefined();
  expect(pendingEventAt(pendingEvents, number)).toMatchObject({ kind: 'written', file: 9, pid: 3 });
  expect(answer(pendingEvents, { group: nobody, number, allowed: true })).toBe('no');
  finish(pendingEvents, number);
  expect(pendingEventAt(pendingEvents, number)).toBeUndefined();
});

test('there is room for so many large files, and no more', () => {
  const pendingEvents = newPendingEvents();
  const given = Array.from({ length: 257 }, () => {
    begin(pendingEvents, 0, { kind: 'written', file: 9, pid: 3 });
    return handOver(pendingEvents, 0);
  });
  expect(new Set(given.slice(0, 256)).size).toBe(256);
  expect(given[256]).toBeUndefined();
});

test('an overdue event is answered once, and a new one in the same slot has its own time', () => {
  const pendingEvents = newPendingEvents();
  const deadlines = new Deadlines(pendingEvents);
  begin(pendingEvents, 0, { kind: 'written', file: 9, pid: 3 });
  expect(deadlines.look(nobody, 400, 0)).toEqual([]);
  expect(deadlines.look(nobody, 400, 300)).toEqual([]);
  finish(pendingEvents, 0);
  begin(pendingEvents, 0, { kind: 'written', file: 9, pid: 3 });
  expect(deadlines.look(nobody, 400, 500)).toEqual([]);
  expect(deadlines.look(nobody, 400, 860)).toMatchObject([{ number: 0, late: 'allowed', one: { file: 9 } }]);
  expect(deadlines.look(nobody, 400, 2000)).toEqual([]);
});

test('only named processes are trusted', () => {
  const pendingEvents = newPendingEvents();
  setTrusted(pendingEvents, [10, 20]);
  expect([10, 20, 30, 0].map((pid) => isTrusted(pendingEvents, pid))).toEqual([true, true, false, false]);
  setTrusted(pendingEvents, []);
  expect(isTrusted(pendingEvents, 10)).toBe(false);
});
