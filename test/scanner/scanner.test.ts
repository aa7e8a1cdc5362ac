/** The scanner process as the agent runs it: requests in, matches and progress out, and what a kill does not undo. */
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAvailable } from '../harness/availability.ts';
import { processInfo } from '../../packages/agent/src/scanner/processes.ts';
import type { Match } from '../../packages/agent/src/ipc/worker-messages.ts';
import { eventually } from '../harness/eventually.ts';
import { ruleFor, sha1Of, Site } from './site.ts';

const bad = randomBytes(3000);
let site: Site;

beforeEach(async () => {
  site = await Site.open();
  await site.start();
});

afterEach(async () => {
  await site.close();
});

function match(path: string, more: Partial<Match> = {}): Match {
  const { dev, ino, size } = lstatSync(path);
  return {
    at: 1,
    detectedBy: 'execute',
    object: { type: 'file_sha1', content: sha1Of(bad) },
    action: 'blocked',
    remark: null,
    count: 1,
    file: {
      path: { text: path },
      sha1: sha1Of(bad),
      size,
      device: dev,
      inode: ino,
      otherLinks: 0,
      quarantine: null,
      usedBy: [],
    },
    process: { pid: 1, startedAt: 1, name: 'sh', executable: '/bin/sh', commandLine: 'sh bad' },
    user: { id: 1000, name: 'ann' },
    remote: null,
    ...more,
  };
}

async function matches(count: number): Promise<readonly Match[]> {
  return eventually(`${count} matches were reported`, () => (site.matches.length >= count ? site.matches : undefined));
}

describe('a sweep', () => {
  test('quarantines, logs or leaves files as the list says, and a restore puts all of an object back', async () => {
    const [logged, blocked] = [randomBytes(10), randomBytes(20)];
    for (const name of ['one', 'two']) writeFileSync(join(site.tree, name), bad);
    linkSync(join(site.tree, 'two'), join(site.folder, 'link'));
    writeFileSync(join(site.tree, 'logged'), logged);
    writeFileSync(join(site.tree, 'blocked'), blocked);
    writeFileSync(join(site.tree, 'good'), 'good');
    site.rules(ruleFor(bad), ruleFor(logged, { action: 'log' }), ruleFor(blocked, { action: 'block' }));
    site.sweep();
    expect(await site.ended()).toMatchObject({
      state: 'done',
      files: 5,
      of: 5,
      found: 4,
      unreadable: 0,
      message: null,
    });
    const reported = site.matches.map(
      ({ action, file }) => `${action} ${file?.path.text.split('/').at(-1)} ${file?.otherLinks}`,
    );
    expect(reported.sort()).toEqual(['logged blocked 0', 'logged logged 0', 'quarantined one 0', 'quarantined two 1']);
    expect(readdirSync(site.tree).sort()).toEqual(['blocked', 'good', 'logged']);
    site.send({ type: 'restore', task: 'undo', quarantine: null, object: { type: 'file_sha1', content: sha1Of(bad) } });
    expect(await site.ended('undo')).toMatchObject({ state: 'done', found: 2, files: 2 });
    expect(readFileSync(join(site.tree, 'one')).equals(bad)).toBe(true);
    expect(readdirSync(join(site.state, 'quarantine'))).toEqual(['key']);
    const restored = site.matches.filter(({ action }) => action === 'restored');
    expect(restored.map(({ detectedBy }) => detectedBy)).toEqual(['task', 'task']);
  });

  test('that only looks touches nothing', async () => {
    writeFileSync(join(site.tree, 'one'), bad);
    site.rules(ruleFor(bad));
    site.sweep({ act: false });
    expect((await site.ended()).found).toBe(1);
    expect(site.matches.map(({ action }) => action)).toEqual(['logged']);
    expect(existsSync(join(site.tree, 'one'))).toBe(true);
  });

  test('finds content that is on no list, says where it is and who uses it, and does nothing', async () => {
    copyFileSync('/bin/sleep', join(site.tree, 'mysleep'));
    const content = readFileSync('/bin/sleep');
    const running = spawn(join(site.tree, 'mysleep'), ['60']);
    try {
      await once(running, 'spawn');
      site.sweep({ find: [{ sha1: sha1Of(content), size: content.length }] });
      const { copies, found } = await site.ended();
      expect(found).toBe(1);
      expect(copies[0]?.path).toEqual({ text: join(site.tree, 'mysleep') });
      expect(copies[0]?.usedBy.map(({ pid }) => pid)).toEqual([running.pid]);
      expect(site.matches).toEqual([]);
    } finally {
      running.kill('SIGKILL');
    }
  });

  test('continues where it was after kill -9, and reports what it has found before', async () => {
    for (let folder = 0; folder < 40; folder += 1) {
      mkdirSync(join(site.tree, `d${folder}`));
      for (let at = 0; at < 10; at += 1) writeFileSync(join(site.tree, `d${folder}`, `f${at}`), randomBytes(30_000));
    }
    writeFileSync(join(site.tree, 'd0', 'bad'), bad);
    writeFileSync(join(site.tree, 'd9', 'bad'), bad);
    const rule = ruleFor(bad, { action: 'log' });
    site.rules(rule);
    site.sweep({ megabytesPerSecond: 2 });
    await eventually('it has saved where it is', () => existsSync(join(site.state, 'sweeps.json')) || undefined);
    await site.kill();
    const saved: { place: { counts: { files: number } }; found: number }[] = JSON.parse(
      readFileSync(join(site.state, 'sweeps.json'), 'utf8'),
    );
    expect(saved[0]?.place.counts.files).toBeGreaterThan(0);
    site.progress.length = 0;
    await site.start();
    site.rules(rule);
    site.sweep();
    const { files, found, copies } = await site.ended();
    expect(site.progress[0]?.files).toBe(saved[0]?.place.counts.files);
    expect(found).toBeGreaterThanOrEqual(2);
    expect(copies.map(({ path }) => path.text.slice(site.tree.length))).toEqual(
      expect.arrayContaining(['/d0/bad', '/d9/bad']),
    );
    expect(files).toBeGreaterThanOrEqual(402);
    expect(JSON.parse(readFileSync(join(site.state, 'sweeps.json'), 'utf8'))).toEqual([]);
  }, 300_000);

  test('stops when it is cancelled', async () => {
    for (let at = 0; at < 20; at += 1) writeFileSync(join(site.tree, `f${at}`), randomBytes(500_000));
    site.rules(ruleFor(bad));
    site.sweep({ megabytesPerSecond: 1 });
    await eventually('it began', () => site.progress[0]);
    site.send({ type: 'cancel', task: 'one' });
    expect((await site.ended()).state).toBe('cancelled');
  });

  test('of a person does not wait for the one of the list, and the same match is reported once', async () => {
    for (let at = 0; at < 20; at += 1) writeFileSync(join(site.tree, `f${at}`), randomBytes(500_000));
    mkdirSync(join(site.folder, 'small'));
    writeFileSync(join(site.folder, 'small', 'bad'), bad);
    site.rules(ruleFor(bad, { action: 'log' }));
    site.sweep({ task: 'list:1', megabytesPerSecond: 1 });
    site.sweep({ task: 'asked', roots: [join(site.folder, 'small')] });
    expect((await site.ended('asked')).found).toBe(1);
    site.send({ type: 'cancel', task: 'list:1' });
    await site.ended('list:1');
    for (const task of ['list:2', 'list:3']) {
      site.sweep({ task, roots: [join(site.folder, 'small')] });
      await site.ended(task);
    }
    expect(site.matches.length).toBe(2);
  });
});

describe('an endpoint that is limited to some places', () => {
  test('is swept there, and refuses what lies outside', async () => {
    const [inside, outside] = [join(site.tree, 'inside'), join(site.tree, 'outside')];
    for (const folder of [inside, outside]) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'bad'), bad);
    }
    await site.kill();
    await site.start({ CORDON_AGENT_ON_ACCESS_ONLY: inside });
    site.rules(ruleFor(bad));
    site.sweep({ task: 'everywhere', roots: null });
    expect(await site.ended('everywhere')).toMatchObject({ state: 'done', found: 1 });
    expect([existsSync(join(inside, 'bad')), existsSync(join(outside, 'bad'))]).toEqual([false, true]);
    site.sweep({ task: 'outside', roots: [join(inside, '..', 'outside')] });
    const refused = await site.ended('outside');
    expect(refused.state).toBe('failed');
    expect(refused.message).toContain('is limited to');
    expect(existsSync(join(outside, 'bad'))).toBe(true);
  });
});

describe('what on-access has matched', () => {
  test('is quarantined, and reported with what was matched', async () => {
    const path = join(site.tree, 'bad');
    writeFileSync(path, bad);
    const { dev, ino } = statSync(path);
    site.rules(ruleFor(bad));
    site.send({ type: 'quarantine', match: match(path) });
    const [reported] = await matches(1);
    expect(reported).toMatchObject({
      at: 1,
      detectedBy: 'execute',
      action: 'quarantined',
      process: { name: 'sh' },
      user: { name: 'ann' },
      file: { device: dev, inode: ino, otherLinks: 0 },
    });
    expect(existsSync(path)).toBe(false);
    site.send({
      type: 'restore',
      task: 'undo',
      quarantine: [reported?.file?.quarantine?.toLowerCase() ?? ''],
      object: null,
    });
    expect((await site.ended('undo')).state).toBe('done');
    expect(readFileSync(path).equals(bad)).toBe(true);
  });

  test.each([
    ['the list has changed', [], 'blocked', 'The list changed'],
    ['the rule has expired', [ruleFor(bad, { expiresAt: 1 })], 'blocked', 'The list changed'],
  ])('stays when %s', async (_why, rules, action, remark) => {
    const path = join(site.tree, 'bad');
    writeFileSync(path, bad);
    site.rules(...rules);
    site.send({ type: 'quarantine', match: match(path) });
    const [reported] = await matches(1);
    expect(reported).toMatchObject({ action, remark: expect.stringContaining(remark) });
    expect(existsSync(path)).toBe(true);
  });

  test('and has become something else meanwhile is left alone, and reported as such', async () => {
    const path = join(site.tree, 'bad');
    writeFileSync(path, bad);
    const detection = match(path);
    writeFileSync(path, 'something else');
    site.rules(ruleFor(bad));
    site.send({ type: 'quarantine', match: detection });
    const [reported] = await matches(1);
    expect(reported).toMatchObject({ action: 'failed', remark: expect.stringContaining('has changed since') });
    expect(readFileSync(path, 'utf8')).toBe('something else');
  });
});

describe('the protected files', () => {
  test("holds Cordon's own files back, even confirmed", async () => {
    const path = join(site.state, 'identity.json');
    writeFileSync(path, bad);
    site.rules(ruleFor(bad, { confirmed: true }));
    site.sweep({ roots: [site.state] });
    await site.ended();
    expect(site.matches.map(({ action }) => action)).toEqual(['held-back']);
    expect(existsSync(path)).toBe(true);
  });

  test.runIf(isAvailable(existsSync('/var/lib/dpkg/info'), 'the real package database; this is no Debian'))(
    'holds files of packages back, and says whose they are',
    async () => {
      const path = realpathSync('/usr/bin/dpkg');
      const content = readFileSync(path);
      site.rules(ruleFor(content));
      site.sweep({ roots: [path] });
      const { copies } = await site.ended();
      expect(copies[0]).toMatchObject({ package: 'dpkg:dpkg', path: { text: path } });
      expect(site.matches.map(({ action, remark }) => `${action}: ${remark}`)).toEqual([
        'held-back: It is part of the installed package dpkg:dpkg. Confirm the object to quarantine it anyway.',
      ]);
      expect(existsSync(path)).toBe(true);
    },
  );
});

describe('processes', () => {
  test('are ended when they are the very ones, and others are not', async () => {
    const [one, other] = [sleeper(), sleeper()];
    await Promise.all([once(one, 'message'), once(other, 'message')]);
    const gone = once(one, 'exit');
    const wrong = { ...named(other.pid), startedAt: 1 };
    try {
      site.send({ type: 'end-processes', task: 'end', processes: [named(one.pid), wrong, { pid: 1, startedAt: 1 }] });
      const { state, found, message } = await site.ended('end');
      expect({ state, found }).toEqual({ state: 'failed', found: 1 });
      expect(message).toContain(`Process ${other.pid} has ended by itself`);
      expect(message).toContain('Process 1 keeps the system up');
      expect(await gone).toEqual([null, 'SIGKILL']);
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      one.kill('SIGKILL');
      other.kill('SIGKILL');
    }
  });
});

describe('the quarantine', () => {
  test('reports copies that it does not have, and restores nothing when nothing is named', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    site.send({ type: 'restore', task: 'a', quarantine: [id], object: null });
    expect(await site.ended('a')).toMatchObject({
      state: 'failed',
      message: `There is no copy ${id} in the quarantine of this endpoint.`,
    });
    site.send({ type: 'restore', task: 'b', quarantine: null, object: null });
    expect(await site.ended('b')).toMatchObject({ state: 'done', found: 0 });
  });

  test('that cannot be opened blocks nothing: all is reported with the reason, and done when the cause is gone', async () => {
    await site.kill();
    const [path, key] = [join(site.tree, 'bad'), join(site.state, 'quarantine', 'key')];
    writeFileSync(path, bad);
    mkdirSync(join(site.state, 'quarantine'));
    writeFileSync(key, 'short');
    await site.start();
    const why = expect.stringMatching(/^The quarantine cannot be opened: .* has 5 bytes and not 32/);
    await eventually('the quarantine is said to be of no use', () => site.quarantine);
    expect(site.quarantine).toEqual(why);
    site.rules(ruleFor(bad));
    site.send({ type: 'restore', task: 'undo', quarantine: null, object: { type: 'file_sha1', content: sha1Of(bad) } });
    expect(await site.ended('undo')).toMatchObject({ state: 'failed', message: why });
    site.send({ type: 'quarantine', match: match(path) });
    site.sweep();
    expect(await site.ended()).toMatchObject({ state: 'done', found: 1 });
    const reported = (await matches(2)).map(({ detectedBy, action, remark }) => ({ detectedBy, action, remark }));
    for (const detectedBy of ['execute', 'sweep'])
      expect(reported).toContainEqual({ detectedBy, action: 'failed', remark: why });
    rmSync(key);
    site.send({ type: 'quarantine', match: match(path) });
    expect((await matches(3))[2]).toMatchObject({ action: 'quarantined', remark: null });
    expect(existsSync(path)).toBe(false);
    await eventually('the quarantine is said to work again', () => site.quarantine === null || undefined);
  });

  test('reports the end of a task again to an enforcer that asks again, and does not do it twice', async () => {
    site.send({ type: 'restore', task: 'a', quarantine: null, object: null });
    await site.ended('a');
    site.progress.length = 0;
    await sleep(1);
    site.send({ type: 'restore', task: 'a', quarantine: null, object: null });
    expect((await site.ended('a')).state).toBe('done');
    expect(site.progress.length).toBe(1);
  });
});

function sleeper(): ReturnType<typeof fork> {
  return fork('-e', ["process.send('here'); setInterval(() => 0, 1000)"], { execArgv: [] });
}

function named(pid: number | undefined): { pid: number; startedAt: number } {
  const seen = processInfo(pid ?? 0);
  return { pid: seen?.pid ?? 0, startedAt: seen?.startedAt ?? 0 };
}
