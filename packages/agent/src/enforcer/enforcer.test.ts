/** The enforcer without processes: what it reports when the kernel or a disk fails, and what it keeps. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDocument } from '@cordon/protocol/channel';
import type { ObjectsPage, Report, SignedDocument } from '@cordon/protocol/channel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agent, signing, desiredOf, own, reportsIn, startEnforcer } from '../../../../test/agent/enforcer-alone.ts';
import type { Started } from '../../../../test/agent/enforcer-alone.ts';
import { unproven } from './isolation/isolation-kernel.ts';
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import { SimulatedIsolation } from './simulated/simulated-isolation.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import { writeDurably } from '../fs/durable.ts';
import { ObjectList } from './objects/object-list.ts';
import { State } from './state/state.ts';

const page: ObjectsPage = { after: 0, revision: 3, more: false, put: [], remove: [] };

let folder: string;
let state: State;
let sent: ToLink[];
let now: number;
let trouble: { apply?: string; verify?: string; tunnel?: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-enforcer-'));
  state = new State(folder);
  state.make();
  sent = [];
  now = 1000;
  trouble = {};
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The simulated kernel, with failures that the test chooses. */
function kernel(): IsolationKernel {
  const simulated = new SimulatedIsolation(state.path('simulated'));
  return {
    unable: undefined,
    prepare: () => undefined,
    objection: () => trouble.tunnel,
    apply: (policy) => {
      if (trouble.apply !== undefined) throw new Error(trouble.apply);
      simulated.apply(policy);
    },
    verify: (policy) => (trouble.verify === undefined ? simulated.verify(policy) : unproven(trouble.verify)),
    watch: () => undefined,
    close: () => undefined,
  };
}

function enforcer(): Started {
  return startEnforcer(state, { isolation: kernel(), now: () => now, send: (message) => sent.push(message) });
}

function sign(changes: Partial<ObjectsPage>): SignedDocument {
  return signDocument('objects', { ...page, ...changes }, signing.privateKey);
}

function reports(): Report[] {
  return reportsIn(sent);
}

describe('a desired state', () => {
  test('that the kernel refuses is unproven, tried again ever more slowly, and reported when it succeeds', () => {
    const one = enforcer();
    trouble.apply = 'The kernel answered EBUSY.';
    one.handle(desiredOf({ epoch: 2, isolation: 'isolated' }));
    expect(reports().at(-1)).toMatchObject({
      isolation: 'unproven',
      problem: 'The kernel answered EBUSY.',
      proof: null,
    });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const wait = one.tick();
      waits.push(wait);
      now += wait;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000].slice(0, 12));
    expect(reports()).toHaveLength(1);
    trouble = {};
    now += 30_000;
    one.tick();
    expect(reports().at(-1)).toMatchObject({ epoch: 2, isolation: 'isolated', problem: null });
  });

  test('is isolated only with a proof: a kernel that took the rules and does not show them is not believed', () => {
    const one = enforcer();
    trouble.verify = 'The rules in the kernel are not the rules of the isolation.';
    one.handle(desiredOf({ epoch: 2, isolation: 'isolated' }));
    expect(reports().at(-1)).toMatchObject({ epoch: 2, isolation: 'unproven' });
  });

  test('that cannot be saved is followed all the same, and the report says so', () => {
    const one = enforcer();
    mkdirSync(join(folder, 'desired-state.json.new'));
    for (const isolation of ['isolated', 'normal'] as const) {
      one.handle(desiredOf({ epoch: reports().length + 2, isolation }));
      expect(reports().at(-1)).toMatchObject({ isolation });
      expect(reports().at(-1)?.problem).toMatch(/could not be saved; a reboot would lose it: EISDIR/);
    }
  });

  test('is saved later when the disk could not take it, and the report says so again', () => {
    const one = enforcer();
    mkdirSync(join(folder, 'desired-state.json.new'));
    one.handle(desiredOf({ epoch: 5, isolation: 'isolated' }));
    now += 30_000;
    one.tick();
    expect(reports().at(-1)?.problem).toMatch(/could not be saved/);
    rmSync(join(folder, 'desired-state.json.new'), { recursive: true });
    now += 30_000;
    one.tick();
    expect(reports().at(-1)).toMatchObject({ isolation: 'isolated', problem: null });
    enforcer().handle({ type: 'connected', objectsRevision: 0 });
    expect(reports().at(-1)).toMatchObject({ epoch: 5, isolation: 'isolated' });
  });

  test('survives a restart, and one for an earlier enrolment does not come back', () => {
    enforcer().handle(desiredOf({ epoch: 5, isolation: 'isolated' }));
    const again = enforcer();
    again.handle(desiredOf({ epoch: 4, isolation: 'normal' }));
    expect(reports().at(-1)).toMatchObject({ epoch: 5, isolation: 'isolated' });
  });

  test('damaged on disk changes nothing in the kernel until the server sends a new one', () => {
    enforcer().handle(desiredOf({ epoch: 5, isolation: 'isolated' }));
    const before = readFileSync(state.path('simulated'), 'utf8');
    writeFileSync(join(folder, 'desired-state.json'), '{"document":"cut sho');
    const one = enforcer();
    one.handle({ type: 'connected', objectsRevision: 0 });
    expect(reports().at(-1)).toMatchObject({ epoch: 0, isolation: 'unproven' });
    expect(readFileSync(state.path('simulated'), 'utf8')).toBe(before);
  });

  test('whose gateways are names is refused, because they could not be resolved', () => {
    const one = enforcer();
    one.handle(
      desiredOf({ epoch: 2, isolation: 'isolated', gateways: [{ server: agent, address: 'a.example', port: 1 }] }),
    );
    expect(reports().at(-1)).toMatchObject({ epoch: 0 });
  });
});

describe('signing', () => {
  test('reports have ever later times, so that each can be acknowledged', () => {
    const one = enforcer();
    for (let count = 0; count < 3; count += 1) one.handle({ type: 'connected', objectsRevision: 0 });
    const times = reports().map((report) => report.at);
    expect(new Set(times).size).toBe(3);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('a hello to another public key is not signed', () => {
    const one = enforcer();
    one.handle({ type: 'sign-hello', nonce: 'n'.repeat(32), publicKeyPin: `${'b'.repeat(43)}=` });
    expect(sent).toEqual([]);
    one.handle({ type: 'sign-hello', nonce: 'n'.repeat(32), publicKeyPin: `${'a'.repeat(43)}=` });
    expect(sent).toMatchObject([{ type: 'hello', agent, canIsolate: true }]);
  });

  test('a hello to a key is signed once a desired state names it, and no longer once one does not', () => {
    const one = enforcer();
    const [old, next] = [`${'a'.repeat(43)}=`, `${'b'.repeat(43)}=`];
    const isSigned = (publicKeyPin: string): boolean => {
      sent.length = 0;
      one.handle({ type: 'sign-hello', nonce: 'n'.repeat(32), publicKeyPin });
      return sent.length > 0;
    };
    one.handle(desiredOf({ epoch: 1, publicKeyPins: [old, next] }));
    expect(sent).toContainEqual(expect.objectContaining({ type: 'gateways', publicKeyPins: [old, next] }));
    expect(reports().at(-1)?.publicKeyPins).toEqual([old, next]);
    expect([isSigned(old), isSigned(next)]).toEqual([true, true]);
    one.handle(desiredOf({ epoch: 2, publicKeyPins: [next] }));
    expect([isSigned(old), isSigned(next)]).toEqual([false, true]);
  });
});

describe('the list of objects', () => {
  const held = {
    type: 'domain',
    content: 'evil.example',
    action: 'block',
    size: null,
    sha256: null,
    expiresAt: null,
  } as const;
  test('grows page by page, is read again from disk, and starts over with a page after 0', () => {
    const objects = new ObjectList(state.path('objects'), signing.publicKey);
    expect(objects.receive(sign({ put: [held] }))).toEqual({
      kind: 'applied',
      revision: 3,
      more: false,
      changed: [held],
      startsOver: true,
    });
    expect(
      objects.receive(sign({ after: 3, revision: 4, put: [{ ...held, content: 'other.example' }] })),
    ).toMatchObject({ kind: 'applied' });
    const again = new ObjectList(state.path('objects'), signing.publicKey);
    expect([again.revision, again.list().map((one) => one.content)]).toEqual([4, ['evil.example', 'other.example']]);
    expect(again.receive(sign({ after: 4, revision: 9, remove: [held] }))).toMatchObject({ revision: 9 });
    expect(again.list().map((one) => one.content)).toEqual(['other.example']);
    expect(again.receive(sign({ after: 0, revision: 2, put: [held] }))).toMatchObject({ revision: 2 });
    expect(new ObjectList(state.path('objects'), signing.publicKey).list()).toEqual([held]);
    expect(readdirSync(state.path('objects'))).toEqual(['0000000000000002.json']);
  });

  test('does not start over with a list older than what is held, restarted or not', () => {
    const objects = new ObjectList(state.path('objects'), signing.publicKey);
    objects.receive(sign({ put: [held], issuedAt: 2000 }));
    for (const receiver of [objects, new ObjectList(state.path('objects'), signing.publicKey)]) {
      for (const old of [sign({ issuedAt: 1999 }), sign({})]) {
        expect(receiver.receive(old)).toMatchObject({
          kind: 'refused',
          message: expect.stringContaining('before'),
        });
      }
      expect(receiver.list()).toEqual([held]);
    }
    expect(objects.receive(sign({ revision: 1, issuedAt: 2001 }))).toMatchObject({ kind: 'applied', revision: 1 });
  });

  test('a page that does not follow, or is not signed with the signing key, changes nothing', () => {
    const objects = new ObjectList(state.path('objects'), signing.publicKey);
    expect(objects.receive(sign({ after: 1 }))).toEqual({ kind: 'gap', revision: 0 });
    expect(objects.receive(signDocument('objects', page, own.privateKey))).toMatchObject({ kind: 'refused' });
    expect(readdirSync(state.path('objects'))).toEqual([]);
  });

  test('a damaged page is forgotten with all that follow it, and asked for again', () => {
    const objects = new ObjectList(state.path('objects'), signing.publicKey);
    objects.receive(sign({ put: [held] }));
    objects.receive(sign({ after: 3, revision: 4 }));
    objects.receive(sign({ after: 4, revision: 5 }));
    writeFileSync(join(state.path('objects'), '0000000000000004.json'), 'x');
    expect(new ObjectList(state.path('objects'), signing.publicKey).revision).toBe(3);
    const one = enforcer();
    one.handle({ type: 'connected', objectsRevision: 5 });
    expect(sent.at(-1)).toEqual({ type: 'objects-after', revision: 3 });
  });
});

test('a file is replaced whole or not at all', () => {
  const path = join(folder, 'one.json');
  writeDurably(path, 'old');
  writeFileSync(`${path}.new`, 'half of what a power cut le');
  expect(readFileSync(path, 'utf8')).toBe('old');
  writeDurably(path, 'new');
  expect(readdirSync(folder)).toContain('one.json');
  expect(readdirSync(folder)).not.toContain('one.json.new');
  expect(readFileSync(path, 'utf8')).toBe('new');
});
