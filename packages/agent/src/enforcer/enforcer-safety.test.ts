/** What keeps an isolation safe: deadlines, break-glass codes, protected endpoints, budgets, tampering. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakGlassDigest } from '@cordon/protocol/channel';
import type { Report, DesiredState } from '@cordon/protocol/channel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agent, enrolment, desiredOf, reportsIn, startEnforcer } from '../../../../test/agent/enforcer-alone.ts';
import type { Started } from '../../../../test/agent/enforcer-alone.ts';
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import { readSimulatedIsolation, SimulatedIsolation } from './simulated/simulated-isolation.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import type { UserNotices } from './notices/user-notice.ts';
import { State } from './state/state.ts';

const code = '7K3M-Q0VD-WX1Z';
const wrong = '7K3M-Q0VD-WX10';
const minute = 60_000;

let folder: string;
let state: State;
let sent: ToLink[];
let said: string[];
let now: number;
let isProtected: boolean;
let objection: string | undefined;
let epoch: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-enforcer-'));
  state = new State(folder);
  state.make();
  [sent, said, now, isProtected, objection, epoch] = [[], [], 1_000_000, false, undefined, 0];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function enforcer(): Started {
  const simulated = new SimulatedIsolation(state.path('simulated'));
  const isolation: IsolationKernel = {
    unable: undefined,
    prepare: () => undefined,
    objection: () => objection,
    apply: (policy) => simulated.apply(policy),
    verify: (policy) => simulated.verify(policy),
    watch: () => undefined,
    close: () => undefined,
  };
  const users: UserNotices = {
    isolated: (message) => said.push(message ?? 'the standard message'),
    restored: () => said.push('restored'),
  };
  return startEnforcer(state, {
    isolation,
    notices: users,
    isProtected: () => isProtected || state.isProtected,
    now: () => now,
    send: (message) => sent.push(message),
  });
}

function send(to: Started, changes: Partial<DesiredState>): void {
  epoch += 1;
  to.handle(desiredOf({ epoch, isolation: 'isolated', issuedAt: now, ...changes }));
}

function codeFor(epochOfCode: number): { breakGlass: string } {
  return { breakGlass: breakGlassDigest(code, { agent, enrolment, epoch: epochOfCode }) };
}

function last(): Report | undefined {
  return reportsIn(sent).at(-1);
}

function held(): 'isolated' | 'normal' {
  return readSimulatedIsolation(state.path('simulated')) === '' ? 'normal' : 'isolated';
}

describe('a deadline', () => {
  test('restores the endpoint by itself, and the report says so under the same epoch', () => {
    const one = enforcer();
    send(one, { deadline: now + minute });
    expect([held(), last()?.isolation]).toEqual(['isolated', 'isolated']);
    now += minute - 1;
    expect([one.tick(), held()]).toEqual([1, 'isolated']);
    now += 1;
    one.tick();
    expect(held()).toBe('normal');
    expect(last()).toMatchObject({
      epoch: 1,
      isolation: 'normal',
      problem: null,
      released: { by: 'deadline', at: now },
    });
    expect(said.at(-1)).toBe('restored');
  });

  test('that passed while the agent was off restores at its start, and no later start isolates again', () => {
    send(enforcer(), { deadline: now + minute });
    expect(held()).toBe('isolated');
    now += 2 * minute;
    enforcer();
    expect(held()).toBe('normal');
    const releasedAt = now;
    // Even if the clock is set back before the deadline.
    now -= 2 * minute;
    const again = enforcer();
    again.handle({ type: 'connected', objectsRevision: 0 });
    expect(held()).toBe('normal');
    expect(last()).toMatchObject({ epoch: 1, isolation: 'normal', released: { by: 'deadline', at: releasedAt } });
  });

  test('that has passed already isolates not even for a moment', () => {
    const one = enforcer();
    send(one, { deadline: now });
    expect(said).not.toContain('the standard message');
    expect(last()).toMatchObject({ epoch: 1, isolation: 'normal', released: { by: 'deadline' } });
  });

  test('counts by the wall clock, wherever it jumps: a tick is never more than two seconds away', () => {
    const one = enforcer();
    send(one, { deadline: now + 60 * minute });
    expect(one.tick()).toBeLessThanOrEqual(2000);
    now -= 600 * minute;
    expect(one.tick()).toBeLessThanOrEqual(2000);
    now += 1200 * minute;
    one.tick();
    expect(held()).toBe('normal');
  });

  test('of a desired state never releases a newer one', () => {
    const one = enforcer();
    send(one, { deadline: now + minute });
    send(one, {});
    now += 10 * minute;
    one.tick();
    expect([held(), last()?.epoch, last()?.released]).toEqual(['isolated', 2, undefined]);
  });

  test('that released one isolation does not keep the next from isolating', () => {
    const one = enforcer();
    send(one, { deadline: now + minute });
    now += minute;
    one.tick();
    send(one, {});
    expect([held(), last()?.isolation, last()?.released]).toEqual(['isolated', 'isolated', undefined]);
  });
});

describe('a break-glass code', () => {
  test('releases its isolation, in whatever way it is typed, and it stays released over a restart', () => {
    const one = enforcer();
    send(one, codeFor(1));
    expect(one.breakGlass(' 7k3m qOvd-wxlz ')).toMatchObject({
      done: true,
      message: expect.stringContaining('right'),
    });
    expect(held()).toBe('normal');
    expect(last()).toMatchObject({
      epoch: 1,
      isolation: 'normal',
      problem: null,
      released: { by: 'break-glass', at: now },
    });
    enforcer();
    expect(held()).toBe('normal');
  });

  test('is good once, and for one epoch', () => {
    const one = enforcer();
    send(one, codeFor(1));
    one.breakGlass(code);
    expect(one.breakGlass(code)).toMatchObject({ done: false, message: expect.stringContaining('released already') });
    send(one, codeFor(1));
    expect(one.breakGlass(code).message).toContain('another isolation than the current one (epoch 2)');
    expect(held()).toBe('isolated');
  });

  test.each([
    ['a normal endpoint', { isolation: 'normal' }, code, 'is not isolated'],
    ['an isolation without a code', {}, code, 'No break-glass code was made'],
    ['something that is no code', codeFor(1), 'please', 'has 12 letters and digits'],
  ] as const)('for %s is refused in words', (_, desired, given, message) => {
    const one = enforcer();
    send(one, desired);
    expect(one.breakGlass(given)).toMatchObject({ done: false, message: expect.stringContaining(message) });
    expect(last()?.problem).toBeNull();
  });

  test('is not even tried during the wait, which doubles with each wrong one, restarts or not', () => {
    send(enforcer(), codeFor(1));
    const waits: number[] = [];
    const early: string[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const seconds = Number(/counts in (\d+) s/.exec(enforcer().breakGlass(wrong).message)?.[1] ?? 0);
      waits.push(seconds);
      now += seconds * 1000 - 1;
      if (seconds > 0) early.push(enforcer().breakGlass(code).message);
      now += 1;
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240]);
    expect(early).toEqual(early.map(() => 'Too many wrong codes. The next one counts in 1 s; this one was not tried.'));
    expect(enforcer().breakGlass(code).done).toBe(true);
  });

  test('that was wrong is reported to the server until it is recorded', () => {
    const one = enforcer();
    send(one, codeFor(1));
    one.breakGlass(wrong);
    one.breakGlass(wrong);
    expect(last()).toMatchObject({
      isolation: 'isolated',
      problem: '2 wrong break-glass codes were tried at the endpoint.',
    });
    const again = enforcer();
    again.handle({ type: 'connected', objectsRevision: 0 });
    expect(last()?.problem).toContain('2 wrong');
    again.handle({ type: 'recorded', at: last()?.at ?? 0 });
    again.handle({ type: 'connected', objectsRevision: 0 });
    expect(last()?.problem).toBeNull();
  });

  test('that cannot be saved releases all the same, and the report says what a restart would do', () => {
    const one = enforcer();
    send(one, codeFor(1));
    mkdirSync(join(folder, 'outcome.json.new'));
    expect(one.breakGlass(code).done).toBe(true);
    expect(last()).toMatchObject({
      isolation: 'normal',
      problem: expect.stringContaining('a restart would isolate again'),
    });
  });
});

describe('a protected endpoint', () => {
  test('is isolated only with two approvals, and says so when there is one', () => {
    isProtected = true;
    const one = enforcer();
    send(one, { isolation: 'normal' });
    send(one, { approvals: 1 });
    expect(held()).toBe('normal');
    expect(last()).toMatchObject({ epoch: 2, isolation: 'unproven', problem: expect.stringContaining('is protected') });
    send(one, { approvals: 2 });
    expect([held(), last()?.isolation, last()?.epoch]).toEqual(['isolated', 'isolated', 3]);
    send(one, { isolation: 'normal' });
    expect([held(), last()?.isolation]).toEqual(['normal', 'normal']);
  });

  test('is protected by a file of root in its state, too, and follows once that is taken away', () => {
    writeFileSync(join(folder, 'protected'), '');
    const one = enforcer();
    send(one, {});
    expect(held()).toBe('normal');
    rmSync(join(folder, 'protected'));
    now += minute;
    one.tick();
    expect(held()).toBe('isolated');
  });

  test('does not follow an older desired state than the one it refused', () => {
    isProtected = true;
    const one = enforcer();
    send(one, { isolation: 'normal' });
    send(one, { epoch: 9 });
    send(one, { epoch: 8, approvals: 2 });
    expect([held(), last()?.epoch]).toEqual(['normal', 9]);
  });
});

describe('the budget', () => {
  test('refuses an isolation after so many changes within an hour, but never a release', () => {
    const one = enforcer();
    for (const isolation of ['isolated', 'normal', 'isolated', 'normal'] as const) send(one, { isolation });
    send(one, {});
    expect([held(), last()?.isolation]).toEqual(['normal', 'unproven']);
    expect(last()?.problem).toContain('isolated or released 4 times within the last hour, and allows 4');
    send(one, { approvals: 2 });
    expect(held()).toBe('isolated');
    send(one, { isolation: 'normal' });
    expect(held()).toBe('normal');
  });

  test('outlives a restart, and what it held back is applied when the hour is over', () => {
    const one = enforcer();
    for (const isolation of ['isolated', 'normal', 'isolated', 'normal'] as const) send(one, { isolation });
    const again = enforcer();
    send(again, {});
    expect(held()).toBe('normal');
    now += 60 * minute;
    again.tick();
    expect([held(), last()?.isolation, last()?.epoch]).toEqual(['isolated', 'isolated', 5]);
  });

  test('is not touched by new gateways or exceptions of one isolation', () => {
    const one = enforcer();
    for (let port = 1; port < 10; port += 1) {
      send(one, { gateways: [{ server: agent, address: '192.0.2.1', port }] });
      expect(last()).toMatchObject({ isolation: 'isolated', epoch: port });
    }
  });
});

test('an isolation that would cut its own tunnel is refused, until there is another way', () => {
  const one = enforcer();
  send(one, { isolation: 'normal' });
  objection = 'Not isolated: the way to gateway 192.0.2.1 leads through the tunnel wg0.';
  send(one, {});
  expect([held(), last()]).toMatchObject(['normal', { epoch: 2, isolation: 'unproven', problem: objection }]);
  objection = undefined;
  now += minute;
  one.tick();
  expect([held(), last()?.isolation]).toEqual(['isolated', 'isolated']);
});

describe('tampering', () => {
  test('is counted, put back and reported, at most once a second, and over a restart', () => {
    const one = enforcer();
    send(one, {});
    const before = sent.length;
    for (let round = 0; round < 5; round += 1) {
      now += 100;
      writeFileSync(state.path('simulated'), '');
      one.noticed();
      one.tick();
      expect(held()).toBe('isolated');
    }
    expect(sent.length - before).toBeLessThanOrEqual(1);
    now += 2000;
    one.tick();
    expect(last()).toMatchObject({ isolation: 'isolated', tampering: { count: 5 } });
    const again = enforcer();
    again.handle({ type: 'connected', objectsRevision: 0 });
    expect(last()).toMatchObject({ isolation: 'isolated', tampering: { count: 5 } });
    send(again, {});
    expect(last()?.tampering).toBeUndefined();
  });

  test('is not what our own restart finds', () => {
    send(enforcer(), {});
    writeFileSync(state.path('simulated'), '');
    const again = enforcer();
    again.handle({ type: 'connected', objectsRevision: 0 });
    expect(last()).toMatchObject({ isolation: 'isolated', problem: null });
    expect(last()?.tampering).toBeUndefined();
  });
});

test('people get the message of the desired state, and none when it is over', () => {
  const one = enforcer();
  send(one, { message: 'Please call 4711.' });
  expect(said.at(-1)).toBe('Please call 4711.');
  send(one, {});
  expect(said.at(-1)).toBe('the standard message');
  send(one, { isolation: 'normal' });
  expect(said.at(-1)).toBe('restored');
});

test('a desired state with an exception that is no network is refused whole', () => {
  const one = enforcer();
  const bad = { direction: 'out', protocol: 'udp', network: 'dns.example', ports: null } as const;
  send(one, { exceptions: [bad] });
  expect([held(), last()?.epoch]).toEqual(['normal', 0]);
  expect(readFileSync(join(folder, 'simulated.json'), { flag: 'a+', encoding: 'utf8' })).toBe('');
});
