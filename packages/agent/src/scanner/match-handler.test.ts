/** The handling of a file with listed content, with a real quarantine and the protected files of a small Debian tree. */
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packRules } from '../matching/rule-index.ts';
import type { FileRule, Match } from '../ipc/worker-messages.ts';
import { buildProtectedFiles, ProtectedFileIndex } from './protected-files/protected-files.ts';
import { QuarantineThread } from './quarantine/thread.ts';
import { MatchHandler } from './match-handler.ts';
import { filePathOf } from '../fs/path.ts';

const content = 'listed';
const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();

let root: string;
let quarantine: QuarantineThread;
let reported: Match[];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cordon-finder-')));
  place('var/lib/dpkg/info/tools.list', '/usr/bin/tool\n');
  place('usr/bin/tool');
  quarantine = new QuarantineThread(join(root, 'state/quarantine'));
  reported = [];
});

afterEach(async () => {
  await quarantine.close();
  rmSync(root, { recursive: true, force: true });
});

function place(path: string, text = content): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

function matchHandler(rule: Partial<FileRule> = {}): MatchHandler {
  const protectedFiles = new ProtectedFileIndex(buildProtectedFiles({ root, state: join(root, 'state') }));
  const made = new MatchHandler({
    quarantine,
    protectedFiles: async () => protectedFiles,
    send: (one) => reported.push(one),
    now: Date.now,
  });
  const listed = {
    type: 'file_sha1',
    sha1,
    size: null,
    action: 'quarantine',
    expiresAt: null,
    confirmed: false,
  } as const;
  made.rules = packRules([{ ...listed, ...rule }], 0);
  return made;
}

/** As on-access reports it: the opening was refused. */
function match(path: string): Match {
  const { dev, ino, size } = lstatSync(path);
  const seen = { path: filePathOf(Buffer.from(path)), sha1, size, device: dev, inode: ino };
  return {
    at: 1,
    detectedBy: 'open',
    object: { type: 'file_sha1', content: sha1 },
    action: 'blocked',
    remark: null,
    count: 1,
    file: { ...seen, otherLinks: 0, quarantine: null, usedBy: [] },
    process: null,
    user: null,
    remote: null,
  };
}

async function swept(by: MatchHandler, path: string): Promise<void> {
  const { dev, ino, size, mtimeMs } = lstatSync(path);
  const hit = { path: Buffer.from(path), sha1, size, device: dev, inode: ino, modifiedAt: mtimeMs };
  await by.handle(hit, { act: true, automatic: false, reported: new Map(), usedBy: [] });
}

const ways = [
  ['matched on access', async (by: MatchHandler, path: string) => by.quarantine(match(path))],
  ['found by a sweep', swept],
] as const;

test('an opening that was refused before the file was taken for another is reported as refused, and not as a failure', async () => {
  const by = matchHandler();
  const path = place('home/malware');
  const [first, second] = [match(path), match(path)];
  await by.quarantine(first);
  await by.quarantine(second);
  expect(reported.map(({ action }) => action)).toEqual(['quarantined', 'blocked']);
  expect(reported[1]?.remark).toMatch(/for another opening/);
});

test('a file that is gone, and was not taken by us, is reported as a failure', async () => {
  const path = place('home/malware');
  const seen = match(path);
  rmSync(path);
  await matchHandler().quarantine(seen);
  expect(reported.map(({ action, remark }) => `${action}: ${remark}`)).toEqual([
    expect.stringMatching(/^failed: It cannot be reached by that path from here: it is gone, /),
  ]);
});

describe.each(ways)('a listed file, %s', (_way, find) => {
  test('is taken away', async () => {
    const path = place('home/malware');
    await find(matchHandler(), path);
    expect(reported.map(({ action }) => action)).toEqual(['quarantined']);
    expect(existsSync(path)).toBe(false);
  });

  test('is held back when it is the file of a package, by whatever further path', async () => {
    const path = join(root, 'home');
    linkSync(join(root, 'usr/bin/tool'), path);
    await find(matchHandler(), path);
    expect(reported.map(({ action, remark }) => `${action}: ${remark}`)).toEqual([
      'held-back: It is part of the installed package dpkg:tools. Confirm the object to quarantine it anyway.',
    ]);
    expect(existsSync(path)).toBe(true);
  });

  test("is held back when it is Cordon's own, by whatever further path, confirmed or not", async () => {
    const path = join(root, 'home');
    linkSync(place('state/identity.json'), path);
    await find(matchHandler({ confirmed: true }), path);
    expect(reported.map(({ action }) => action)).toEqual(['held-back']);
    expect(existsSync(path)).toBe(true);
  });
});
