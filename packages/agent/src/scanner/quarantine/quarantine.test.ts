/** The quarantine on a real filesystem: it restores whole what it takes, and leaves everything in its way alone. */
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAvailable } from '../../../../../test/harness/availability.ts';
import { usersOf } from '../processes.ts';
import { joinedPath } from '../../fs/path.ts';
import { fileCalls } from '../../kernel/file-calls.ts';
import { QuarantineFailure } from './failure.ts';
import type { TakeRequest } from './take.ts';
import { Quarantine } from './quarantine.ts';

const calls = fileCalls();
const root = isAvailable(process.getuid?.() === 0, 'owners other than oneself in quarantine; that takes root');

let folder: string;
let quarantine: Quarantine;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-quarantine-'));
  mkdirSync(join(folder, 'tree'));
  quarantine = new Quarantine({ calls, folder: join(folder, 'quarantine') });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function place(name: string | Buffer, content: Buffer | string): Buffer {
  const path = joinedPath(Buffer.from(join(folder, 'tree')), Buffer.from(name));
  writeFileSync(path, content);
  return path;
}

function request(path: Buffer, content?: Buffer): TakeRequest {
  const stats = lstatSync(path);
  const sha1 = createHash('sha1')
    .update(content ?? readFileSync(path))
    .digest('hex')
    .toUpperCase();
  return {
    path,
    device: stats.dev,
    inode: stats.ino,
    sha1,
    object: { type: 'file_sha1', content: sha1 },
    detectedBy: 'sweep',
    now: 5,
    usedBy: usersOf,
  };
}

function failureOf(act: () => unknown): QuarantineFailure {
  try {
    act();
  } catch (error) {
    if (error instanceof QuarantineFailure) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('what was opened', () => {
  test('and is not under that path here is left where it lies, and not said to be gone', () => {
    const asked = { ...request(place('malware', 'bad')), detectedBy: 'open' as const };
    const elsewhere = { ...asked, path: Buffer.from(join(folder, 'nowhere', 'other')) };
    expect(failureOf(() => quarantine.take(elsewhere))).toMatchObject({
      reason: 'gone',
      message: expect.stringMatching(/^It cannot be reached by that path from here: .*a sweep finds it\.$/),
    });
    expect(failureOf(() => quarantine.take({ ...elsewhere, detectedBy: 'sweep' })).message).toBe(
      'It is no longer there.',
    );
    expect(readdirSync(join(folder, 'tree'))).toEqual(['malware']);
    expect(quarantine.list()).toEqual([]);
  });
});

describe('what is taken', () => {
  test('is gone from its folder, and comes back with content, mode and times to the nanosecond', () => {
    const path = place('malware', 'bad');
    chmodSync(path, 0o4751);
    const asked = request(path);
    utimesSync(path, 1_600_000_000.123, 1_500_000_000.456);
    const before = lstatSync(path, { bigint: true });
    const { entry, otherLinks } = quarantine.take(asked);
    expect(readdirSync(join(folder, 'tree'))).toEqual([]);
    expect(otherLinks).toBe(0);
    expect(quarantine.list()).toEqual([entry]);
    const restored = quarantine.restore(entry.id);
    const after = lstatSync(path, { bigint: true });
    expect([after.mode, after.uid, after.gid, after.mtimeNs, after.atimeNs]).toEqual([
      before.mode,
      before.uid,
      before.gid,
      before.mtimeNs,
      before.atimeNs,
    ]);
    expect(readFileSync(path, 'utf8')).toBe('bad');
    expect(restored).toMatchObject({ device: Number(after.dev), inode: Number(after.ino), problem: undefined });
    expect(quarantine.list()).toEqual([]);
    expect(readdirSync(join(folder, 'quarantine'))).toEqual(['key']);
  });

  test.runIf(root)('keeps set-user-ID for an owner who is not root', () => {
    const path = place('tool', 'bad');
    chownSync(path, 12_345, 54_321);
    chmodSync(path, 0o6755);
    const { entry } = quarantine.take(request(path));
    quarantine.restore(entry.id);
    const { uid, gid, mode } = lstatSync(path);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 12_345, gid: 54_321, mode: 0o6755 });
  });

  test('lies in quarantine encrypted, for root alone, and under no name of its own', () => {
    const content = Buffer.from('EICAR-like content that a scanner would find '.repeat(100));
    const path = place('malware', content);
    const { entry } = quarantine.take(request(path));
    const held = readFileSync(join(folder, 'quarantine', `${entry.id}.content`));
    expect(held.length).toBe(content.length);
    expect(held.includes('EICAR')).toBe(false);
    const modes = readdirSync(join(folder, 'quarantine')).map(
      (name) => lstatSync(join(folder, 'quarantine', name)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    expect(lstatSync(join(folder, 'quarantine')).mode & 0o777).toBe(0o700);
  });

  test('may have any name: bytes that are no text, newlines, 255 of them', () => {
    for (let round = 0; round < 60; round += 1) {
      const name = nameOf(round);
      const content = randomBytes(round * 97);
      const path = place(name, content);
      const { entry } = quarantine.take(request(path));
      expect(existsSync(path)).toBe(false);
      quarantine.restore(entry.id);
      expect([name, readFileSync(path).equals(content)]).toEqual([name, true]);
    }
  });

  test('stays sparse, in quarantine and back, however large it says it is', () => {
    const path = place('sparse', '');
    const file = openSync(path, 'r+');
    ftruncateSync(file, 300_000_000);
    writeSync(file, 'in the middle', 150_000_000);
    closeSync(file);
    const digest = createHash('sha1').update(readFileSync(path)).digest('hex');
    const { entry } = quarantine.take(request(path));
    expect(statSync(join(folder, 'quarantine', `${entry.id}.content`)).blocks * 512).toBeLessThan(2_000_000);
    quarantine.restore(entry.id);
    expect(statSync(path).blocks * 512).toBeLessThan(2_000_000);
    expect(createHash('sha1').update(readFileSync(path)).digest('hex')).toBe(digest);
  });

  test('is reported with the links that remain and the processes that have it open', async () => {
    const path = place('malware', 'bad');
    linkSync(path, joinedPath(Buffer.from(join(folder, 'tree')), Buffer.from('second')));
    const holder = fork(
      '-e',
      [`fs.openSync(${JSON.stringify(path.toString())}); process.send('open'); setInterval(() => 0, 1000)`],
      {
        execArgv: [],
      },
    );
    try {
      await once(holder, 'message');
      const { otherLinks, usedBy } = quarantine.take(request(path));
      expect(otherLinks).toBe(1);
      expect(usedBy.map(({ pid }) => pid)).toEqual([holder.pid]);
      expect(usedBy[0]?.executable).toBe(process.execPath);
    } finally {
      holder.kill('SIGKILL');
    }
  });
});

describe('what is not taken stays where it is', () => {
  test.each([
    ['a symbolic link', (path: Buffer) => (rmSync(path), symlinkSync('/etc/passwd', path))],
    ['a folder', (path: Buffer) => (rmSync(path), mkdirSync(path))],
    ['another file', (path: Buffer) => (renameSync(path, `${path.toString()}.old`), writeFileSync(path, 'new'))],
    ['nothing', (path: Buffer) => rmSync(path)],
    ['other content', (path: Buffer) => writeFileSync(path, 'other')],
  ])('when %s has taken its place', (_what, exchange) => {
    const path = place('malware', 'bad');
    const asked = request(path);
    exchange(path);
    const before = readdirSync(join(folder, 'tree'));
    expect(failureOf(() => quarantine.take(asked)).reason).toBe('gone');
    expect(readdirSync(join(folder, 'tree'))).toEqual(before);
    expect(readdirSync(join(folder, 'quarantine'))).toEqual(['key']);
  });

  test('when a folder on the way has become a symbolic link', () => {
    const path = place('malware', 'bad');
    const asked = request(path);
    renameSync(join(folder, 'tree'), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'tree'));
    expect(failureOf(() => quarantine.take(asked)).message).toBe(
      'A symbolic link is in the way now; nothing was moved.',
    );
    expect(readFileSync(join(folder, 'elsewhere', 'malware'), 'utf8')).toBe('bad');
  });

  test('when it is being written all the time, and says so', async () => {
    const path = place('log', Buffer.alloc(30_000_000, 'x'));
    const asked = request(path);
    const script = `const f = fs.openSync(${JSON.stringify(path.toString())}, 'a'); process.send('open'); for (;;) fs.writeSync(f, 'x')`;
    const writer = fork('-e', [script], { execArgv: [] });
    try {
      await once(writer, 'message');
      const { reason, message } = failureOf(() => quarantine.take(asked));
      expect({ reason, message }).toMatchObject({
        reason: 'failed',
        message: expect.stringContaining('being written'),
      });
    } finally {
      writer.kill('SIGKILL');
    }
    expect(statSync(path).size).toBeGreaterThan(30_000_000);
    expect(readdirSync(join(folder, 'quarantine'))).toEqual(['key']);
  });
});

describe('what is not restored stays in quarantine', () => {
  test.each([
    ['a file', (path: Buffer) => writeFileSync(path, 'mine'), 'A file of that name exists'],
    ['a link to nowhere', (path: Buffer) => symlinkSync('/nowhere', path), 'A file of that name exists'],
    ['no folder', () => rmSync(join(folder, 'tree'), { recursive: true }), 'Its folder is gone'],
  ])('when there is %s', (_what, prepare, message) => {
    const path = place('malware', 'bad');
    const { entry } = quarantine.take(request(path));
    prepare(path);
    const before = namesIn(join(folder, 'tree'));
    expect(failureOf(() => quarantine.restore(entry.id)).message).toContain(message);
    expect(namesIn(join(folder, 'tree'))).toEqual(before);
    expect(quarantine.list()).toEqual([entry]);
    rmSync(join(folder, 'tree'), { recursive: true, force: true });
    mkdirSync(join(folder, 'tree'));
    quarantine.restore(entry.id);
    expect(readFileSync(path, 'utf8')).toBe('bad');
  });

  test('when its folder has become a symbolic link: that is not followed', () => {
    const path = place('malware', 'bad');
    const { entry } = quarantine.take(request(path));
    mkdirSync(join(folder, 'victim'));
    rmSync(join(folder, 'tree'), { recursive: true });
    symlinkSync(join(folder, 'victim'), join(folder, 'tree'));
    expect(failureOf(() => quarantine.restore(entry.id)).message).toContain('is not followed');
    expect(readdirSync(join(folder, 'victim'))).toEqual([]);
  });

  test('when the copy is damaged: nothing is put in place', () => {
    const path = place('malware', 'bad content');
    const { entry } = quarantine.take(request(path));
    const held = join(folder, 'quarantine', `${entry.id}.content`);
    const bytes = readFileSync(held);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    writeFileSync(held, bytes);
    expect(failureOf(() => quarantine.restore(entry.id)).message).toContain('is damaged');
    expect(readdirSync(join(folder, 'tree'))).toEqual([]);
    expect(quarantine.list()).toEqual([entry]);
  });

  test('a copy that the quarantine does not have is said to be none', () => {
    expect(failureOf(() => quarantine.restore('../../etc/passwd')).message).toContain('There is no copy');
  });
});

describe('killed at any step', () => {
  test.each(['copied', 'noted', 'unlocked', 'aside', 'unlinked', 'held'])(
    'of taking (%s), the file is there, or its copy is, and never both after the next start',
    async (step) => {
      const content = randomBytes(600_000);
      const path = place('malware', content);
      await dieAt(step, { take: path.toString() });
      const { problems } = quarantine.recover();
      expect(problems).toEqual([]);
      const there = existsSync(path);
      const [entry] = quarantine.list();
      expect([there, entry?.state]).toEqual(there ? [true, undefined] : [false, 'held']);
      if (entry) quarantine.restore(entry.id);
      expect(readFileSync(path).equals(content)).toBe(true);
      expect(readdirSync(join(folder, 'tree'))).toEqual(['malware']);
      expect(readdirSync(join(folder, 'quarantine'))).toEqual(['key']);
    },
  );

  test.each(['restoring', 'written', 'named', 'placed', 'forgotten'])(
    'of restoring (%s), the file is back, or its copy is still there',
    async (step) => {
      const content = randomBytes(600_000);
      const path = place('malware', content);
      const { entry } = quarantine.take(request(path));
      await dieAt(step, { restore: entry.id });
      expect(quarantine.recover()).toEqual({ taken: [], problems: [] });
      if (!existsSync(path)) quarantine.restore(entry.id);
      expect(readFileSync(path).equals(content)).toBe(true);
      expect(readdirSync(join(folder, 'tree'))).toEqual(['malware']);
      expect(quarantine.list()).toEqual([]);
      expect(readdirSync(join(folder, 'quarantine'))).toEqual(['key']);
    },
  );
});

/** Runs a quarantine in a process of its own, which kills itself at that step. */
async function dieAt(step: string, what: { take?: string; restore?: string }): Promise<void> {
  const child = fork(new URL('../../../../../test/scanner/dying-quarantine.ts', import.meta.url), [
    join(folder, 'quarantine'),
    step,
    JSON.stringify(what),
  ]);
  const [code, signal]: unknown[] = await once(child, 'exit');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
}

/** Any bytes except zero and the slash, 1 to 255 long; some of them are known to make programs stumble. */
function nameOf(round: number): Buffer {
  const odd = ['\n', ' ', '-rf', '*', '"; touch x', 'a\nb', '\u202Egpj.exe', '...', '\x1b[2J', '~'];
  const [given] = odd.splice(round, 1);
  if (given !== undefined) return Buffer.from(given);
  const bytes = randomBytes(1 + ((round * 37) % 255)).map((byte) => (byte === 0 || byte === 0x2f ? 0x80 : byte));
  return Buffer.from(bytes);
}

function namesIn(path: string): string[] | undefined {
  return existsSync(path) ? readdirSync(path) : undefined;
}
