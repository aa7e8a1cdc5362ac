/**
 * What can go wrong with a process that everybody who opens a file waits for: nobody waits longer than the deadline,
 * and a listed file is denied again as soon as a process can deny it.
 */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../harness/privileged.ts';
import { eventually } from '../harness/eventually.ts';
import { deadly, endless } from './faulty.ts';
import { Site, ruleFor } from './site.ts';

const deadline = 400;
/** The outside watchdog waits at least a second; the rest is for a slow machine. */
const watchdogLimit = 1000;
/** A busy machine may take its time to run `cat`; a hang never ends. */
const slack = 4000;
const evil = 'a listed text\n';
const faulty = [new URL('faulty-on-access.ts', import.meta.url).pathname];

/** A hash of unknown size makes every file worth reading. */
const anySize = { type: 'file_sha1', size: null } as const;

describe.runIf(root)('nobody hangs', () => {
  let site: Site;
  afterEach(() => site.close());

  async function makeSite(program?: string[], before: () => void = () => undefined): Promise<void> {
    site = await Site.make(program);
    site.enforcer.set({ deadline });
    before();
    site.write('evil', evil);
    site.write('innocent', 'an innocent text\n');
    site.enforcer.list([ruleFor(evil, anySize)]);
    await site.enforcer.watches(site.namespace.files);
    expect(await site.canRead('evil')).toBe(false);
  }

  /** A file that takes minutes to read: 200 GiB of zeros. */
  function makeEndlessFile(name: string): void {
    const file = openSync(site.namespace.outside(name), 'w', 0o755);
    writeSync(file, '#!/bin/true\n');
    ftruncateSync(file, 200 * 2 ** 30);
    closeSync(file);
  }

  test('when on-access is killed: waiting openings are allowed', { timeout: 180_000 }, async () => {
    await makeSite();
    makeEndlessFile('endless');
    site.enforcer.set({ deadline: 5000 });
    const waiting = Array.from({ length: 8 }, async () =>
      site.namespace.runWithin(slack, 'head', '-c1', site.path('endless')),
    );
    await eventually('they wait', () => (openersWaiting(site) >= 8 ? true : undefined));
    process.kill(site.pid, 'SIGKILL');
    const outcomes = await Promise.all(waiting);
    expect(outcomes.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(await site.canRead('evil')).toBe(true);
  });

  test(
    'when on-access is stopped: its watchdog kills it, and a new one denies again',
    { timeout: 180_000 },
    async () => {
      await makeSite();
      process.kill(site.pid, 'SIGSTOP');
      const { code, durationMs } = await site.namespace.runWithin(watchdogLimit + slack, 'cat', site.path('innocent'));
      expect(code).toBe(0);
      expect(durationMs).toBeLessThan(watchdogLimit + slack);
      await site.onAccess.exited;
      expect(site.onAccess.child.signalCode).toBe('SIGKILL');
      site.start();
      await eventually('the new on-access denies', async () => ((await site.canRead('evil')) ? undefined : true));
    },
  );

  test('when a reader dies: its opener is allowed, and the others deny', { timeout: 180_000 }, async () => {
    // More often than there are readers. Written before anything is watched, or readers would die of that as well.
    const names = Array.from({ length: 5 }, (_, count) => `deadly ${count}`);
    await makeSite(faulty, () => names.forEach((name) => site.write(name, deadly + name)));
    for (const [died, name] of names.entries()) {
      const { code } = await site.namespace.runWithin(slack, 'cat', site.path(name));
      expect(code).toBe(0);
      expect(await site.canRead('evil')).toBe(false);
      await eventually('another reader is in reserve', () =>
        site.onAccess.eventsLike({ event: 'thread replaced' }).length > died ? true : undefined,
      );
    }
    expect(site.onAccess.eventsLike({ event: 'thread failed' })).toHaveLength(names.length);
  });

  test('when a file is opened again and again: nothing gathers in the readers', { timeout: 180_000 }, async () => {
    await makeSite(faulty);
    for (let opened = 0; opened < 4; opened += 1) {
      site.write('innocent', `an innocent text, changed ${opened} times\n`);
      expect(await site.canRead('innocent')).toBe(true);
    }
    expect(site.onAccess.eventsLike({ event: 'thread failed' })).toEqual([]);
  });

  test(
    'when readers die as fast as they come: all are allowed, and on-access ends to start again',
    { timeout: 180_000 },
    async () => {
      const names = Array.from({ length: 20 }, (_, count) => `deadly ${count}`);
      await makeSite(faulty, () => names.forEach((name) => site.write(name, deadly + name)));
      const outcomes = await Promise.all(
        names.map(async (name) => site.namespace.runWithin(watchdogLimit + slack, 'cat', site.path(name))),
      );
      expect(outcomes.map(({ code }) => code)).toEqual(names.map(() => 0));
      await site.onAccess.exited;
      const { exitCode, signalCode } = site.onAccess.child;
      expect(signalCode ?? exitCode).toBe(signalCode === null ? 1 : 'SIGKILL');
      site.start();
      await eventually('the new on-access denies', async () => ((await site.canRead('evil')) ? undefined : true));
    },
  );

  test(
    'when a reader is stuck: it is allowed at the deadline, and others replace it',
    { timeout: 180_000 },
    async () => {
      // Written before anything is watched, or readers would be stuck with that as well, and too few be left.
      const names = ['one', 'two', 'three', 'four'];
      await makeSite(faulty, () => {
        for (const name of names) site.write(name, `${endless} ${name}`);
        // Starting threads keeps on-access itself from answering. At 400 ms its watchdog ends it within a second, which
        // the stopped one tests; here on-access must survive.
        site.enforcer.set({ deadline: 1500 });
      });
      // No time limit: only the deadline lets these go, since their readers never return.
      const outcomes = await Promise.all(names.map(async (name) => site.namespace.run('cat', site.path(name))));
      expect(outcomes.map(({ code }) => code)).toEqual(names.map(() => 0));
      await eventually('each is reported', () =>
        site.onAccess.eventsLike({ event: 'undecided' }).length === names.length ? true : undefined,
      );
      expect(await site.canRead('evil')).toBe(false);
      const { message } = await eventually('the state reports it', () => {
        const states = site.enforcer.received.filter((one) => one.type === 'state');
        return states.find((one) => one.message?.startsWith('4 ') === true);
      });
      expect(message).toBe('4 openings could not be decided since on-access started.');
    },
  );

  test(
    'when the deadline passes over a huge file: opening is allowed, and small files do not wait behind it',
    { timeout: 180_000 },
    async () => {
      await makeSite();
      makeEndlessFile('endless');
      const huge = site.namespace.runWithin(slack, 'head', '-c1', site.path('endless'));
      const small = await site.namespace.runWithin(slack, 'cat', site.path('innocent'));
      expect(small.code).toBe(0);
      const { code, durationMs } = await huge;
      expect(code).toBe(0);
      expect(durationMs).toBeGreaterThan(deadline / 2);
      await site.onAccess.next({ event: 'undecided' });
    },
  );

  test('when the deadline passes over an execution: refused, if that was chosen', { timeout: 180_000 }, async () => {
    await makeSite();
    makeEndlessFile('endless');
    site.enforcer.set({ execAtDeadline: 'deny', deadline });
    await site.enforcer.watches(site.namespace.files);
    const { code, errors } = await site.namespace.runWithin(slack, site.path('endless'));
    expect(errors).toMatch(/Operation not permitted/);
    expect(code).not.toBeNull();
    const opened = await site.namespace.runWithin(slack, 'head', '-c1', site.path('endless'));
    expect(opened.code).toBe(0);
  });

  test(
    'when a listed file was too large for the deadline: reported as late, and denied once it is known',
    { timeout: 180_000 },
    async () => {
      site = await Site.make();
      const size = 900 * 2 ** 20;
      const file = openSync(site.namespace.outside('large'), 'w');
      ftruncateSync(file, size);
      closeSync(file);
      const sha1 = sha1OfZeros(size);
      site.enforcer.list([{ type: 'file', sha1, size, action: 'block', expiresAt: null, confirmed: false }]);
      site.enforcer.set({ deadline: 50 });
      await site.enforcer.watches(site.namespace.files);
      await eventually('it is known, and denied', async () => {
        const { code } = await site.namespace.runWithin(slack, 'head', '-c1', site.path('large'));
        return code === 1 ? true : undefined;
      });
      const late = await site.enforcer.match(({ action }) => action === 'late');
      expect(late).toMatchObject({ object: { content: sha1 }, remark: expect.stringMatching(/allowed/) });
    },
  );

  test('when the disk is full', { timeout: 180_000 }, async () => {
    await makeSite();
    const { errors } = await site.namespace.run('sh', '-c', `cat /dev/zero > ${site.path('filler')}`);
    expect(errors).toMatch(/No space left/);
    expect(await site.canRead('evil')).toBe(false);
    expect(await site.canRead('innocent')).toBe(true);
  });

  test('when on-access ends in order: no mark stays, and nobody waits', { timeout: 180_000 }, async () => {
    await makeSite();
    makeEndlessFile('endless');
    const waiting = site.namespace.runWithin(slack, 'head', '-c1', site.path('endless'));
    process.kill(site.pid, 'SIGTERM');
    expect(await site.onAccess.exited).toBe(0);
    expect((await waiting).code).toBe(0);
    expect(await site.canRead('evil')).toBe(true);
  });

  test('when its parent has gone: on-access ends as well', { timeout: 180_000 }, async () => {
    await makeSite();
    site.onAccess.child.stdin?.end();
    expect(await site.onAccess.exited).toBe(0);
  });

  test('when its watchdog dies: there is another one', { timeout: 180_000 }, async () => {
    await makeSite();
    const first = watchdogOf(site) ?? 0;
    expect(first).toBeGreaterThan(0);
    process.kill(first, 'SIGKILL');
    await eventually('there is another', () => {
      const now = watchdogOf(site);
      return now === undefined || now === first ? undefined : true;
    });
    process.kill(site.pid, 'SIGSTOP');
    onTestFinished(() => void site.onAccess.child.kill('SIGKILL'));
    await eventually('it kills', () => (site.onAccess.child.signalCode === 'SIGKILL' ? true : undefined));
  });
});

function sha1OfZeros(size: number): string {
  const [hash, zeros] = [createHash('sha1'), Buffer.alloc(2 ** 20)];
  for (let left = size; left > 0; left -= zeros.length) hash.update(zeros);
  return hash.digest('hex').toUpperCase();
}

/** Programs that wait for fanotify's answer about a file of the site. */
function openersWaiting(site: Site): number {
  return processes().filter(({ pid, commandLine }) => {
    return (
      commandLine.includes(site.namespace.folder) &&
      commandLine.startsWith('head') &&
      waitsFor(pid).startsWith('fanotify')
    );
  }).length;
}

function watchdogOf(site: Site): number | undefined {
  return processes().find(({ parent, commandLine }) => parent === site.pid && / watchdog \d+$/.test(commandLine))?.pid;
}

function processes(): { pid: number; parent: number; commandLine: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const commandLine = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const parent = Number(/^PPid:\s*(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]);
    return commandLine === '' ? [] : [{ pid: Number(pid), parent, commandLine }];
  });
}

function waitsFor(pid: number): string {
  return textOf(`/proc/${pid}/wchan`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
