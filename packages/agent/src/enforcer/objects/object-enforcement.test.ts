/** Suspicious objects from the enforcer's side: real worker sockets and a real disk, with a fake list and server. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDocument, signDocument } from '@cordon/protocol/channel';
import type {
  Detection,
  ObjectEntry,
  ObjectSettings,
  ObjectsPage,
  Progress,
  ProgressReceipt,
  Task,
  TaskWork,
} from '@cordon/protocol/channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { agent, assembled, enrolment, signing, desiredOf, own } from '../../../../../test/agent/enforcer-alone.ts';
import type { Enforcer } from '../assemble.ts';
import { simulatedPlatform } from '../platform.ts';
import type { ToEnforcer, ToLink } from '../../ipc/link-messages.ts';
import { WorkerClient } from '../../ipc/worker-client.ts';
import type { WorkerTraffic, WorkerName } from '../../ipc/worker-client.ts';
import type { Match, FromScanner, ToScanner } from '../../ipc/worker-messages.ts';
import { WorkerServer } from '../../ipc/worker-server.ts';
import { State } from '../state/state.ts';

const somebodyElse = '0A1B2C3D-0000-4000-8000-000000000003';
const sha1 = 'A'.repeat(40);
const off: ObjectSettings = {
  group: 'servers',
  onAccess: 'off',
  sweep: 'off',
  network: 'off',
  execAtDeadline: 'allow',
  sweepMegabytesPerSecond: 20,
};
const enforced: ObjectSettings = { ...off, onAccess: 'enforce', sweep: 'enforce' };
const wait = { timeout: 10_000, interval: 10 };

let folder: string;
let sent: ToLink[];
let epoch = 0;
let now: number;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-in-force-'));
  sent = [];
  now = Date.now();
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

type RunningTask = Extract<FromScanner, { type: 'progress' }>;

interface Running {
  readonly inForce: Pick<Enforcer, 'handle' | 'status'>;
  readonly list: (changes: Partial<ObjectsPage>) => void;
  readonly settings: (objects: ObjectSettings | undefined) => void;
  readonly connect: () => void;
  readonly stop: () => Promise<void>;
}

async function start(settings?: ObjectSettings): Promise<Running> {
  const state = new State(folder);
  state.make();
  const path = join(folder, 'workers.sock');
  const { handle, desiredState, status, open, close } = assembled(state, {
    platform: {
      ...simulatedPlatform(state),
      openWorkers: (events) => new WorkerServer({ path, misbehaved: () => undefined, ...events }),
    },
    now: () => now,
    send: (message) => sent.push(message),
  });
  desiredState.start();
  const follow = (objects: ObjectSettings | undefined): void => {
    epoch += 1;
    handle(desiredOf({ epoch, ...(objects ? { objects } : {}) }));
  };
  if (settings) follow(settings);
  await open();
  closers.push(close);
  const list = (changes: Partial<ObjectsPage>): void => {
    const { revision } = status();
    const page = { after: revision, revision: revision + 1, more: false, put: [], remove: [], ...changes };
    handle({ type: 'objects', page: signDocument('objects', page, signing.privateKey) });
  };
  const connect = (): void => handle({ type: 'connected', objectsRevision: status().revision });
  return { inForce: { handle, status }, list, settings: follow, connect, stop: close };
}

function reports(): number {
  return sent.filter(({ type }) => type === 'report').length;
}

interface Played<P extends WorkerName> {
  readonly client: WorkerClient<P>;
  readonly got: WorkerTraffic[P]['to'][];
  readonly rules: () => unknown;
}

function play<P extends WorkerName>(name: P): Played<P> {
  const got: WorkerTraffic[P]['to'][] = [];
  const path = join(folder, 'workers.sock');
  const client = new WorkerClient({
    worker: name,
    path,
    revision: () => 0,
    received: (message) => got.push(message),
    log: silent,
  });
  client.open();
  closers.push(() => client.close());
  const rules = (): unknown => got.findLast((message) => message.type === 'rules' || message.type === 'rules-changed');
  return { client, got, rules };
}

/** `scanner` as it connects: with its protected files. */
function playFiles(): Played<'scanner'> {
  const files = play('scanner');
  files.client.send({ type: 'protected-files', package: 'AAAA', always: '' });
  return files;
}

function silent(): void {
  // Nobody asks.
}

function object(given: Partial<ObjectEntry> = {}): ObjectEntry {
  return { type: 'file_sha1', content: sha1, action: 'block', size: null, sha256: null, expiresAt: null, ...given };
}

function match(given: Partial<Match> = {}): Match {
  return {
    at: 1,
    detectedBy: 'execute',
    object: { type: 'file_sha1', content: sha1 },
    action: 'blocked',
    remark: null,
    count: 1,
    file: { path: { text: '/x' }, sha1, size: 1, device: 1, inode: 2, otherLinks: 0, quarantine: null, usedBy: [] },
    process: null,
    user: null,
    remote: null,
    ...given,
  };
}

function detections(): Detection[] {
  return sent.flatMap((one) =>
    one.type === 'detections' ? openDocument('detections', one.detections, own.publicKey).detections : [],
  );
}

type Recorded = Extract<ToEnforcer, { type: 'progress-recorded' | 'detections-recorded' }>;

/** As the server gives it for the last batch sent. */
function detectionsReceipt(sequence: number): Recorded {
  const batch = sent.findLast((one) => one.type === 'detections');
  if (!batch) throw new Error('No detections were sent.');
  const { spool } = openDocument('detections', batch.detections, own.publicKey);
  const stored = { agent, enrolment, spool, sequence };
  return { type: 'detections-recorded', receipt: signDocument('detections-receipt', stored, signing.privateKey) };
}

function progressReceipt(
  given: Partial<ProgressReceipt> & Pick<ProgressReceipt, 'task' | 'at'>,
  key: KeyObject = signing.privateKey,
): Recorded {
  const receipt = signDocument('progress-receipt', { agent, enrolment, ...given }, key);
  return { type: 'progress-recorded', receipt };
}

function progress(task: string): Progress[] {
  return sent
    .flatMap((one) => (one.type === 'progress' ? [openDocument('progress', one.progress, own.publicKey)] : []))
    .filter((one) => one.task === task);
}

function taskOf(
  task: string,
  work: TaskWork,
  given: Partial<Task> = {},
): { type: 'task'; task: ReturnType<typeof signDocument> } {
  const document = { agent, enrolment, task, issuedAt: now, expiresAt: now + 60_000, work, ...given };
  return { type: 'task', task: signDocument('task', document, signing.privateKey) };
}

const last = <T extends { readonly type: string }>(got: readonly T[], type: T['type']): T | undefined =>
  got.findLast((message) => message.type === type);
const desiredSender = (got: readonly ToScanner[], type: ToScanner['type']): ToScanner[] =>
  got.filter((one) => one.type === type);

const on = { state: 'on', message: null };

describe('a worker', () => {
  test('that connects gets its settings, the trusted processes, the protected files and all rules; then the changes, one by one', async () => {
    const { list } = await start(enforced);
    list({ put: [object()] });
    playFiles();
    await vi.waitFor(() => expect(existsSync(join(folder, 'protected-files.json'))).toBe(true), wait);
    const watch = play('on-access');
    await vi.waitFor(() => expect(watch.got.map(({ type }) => type)).toContain('rules'), wait);
    expect(watch.got.map(({ type }) => type)).toEqual(['trusted', 'on-access-settings', 'protected-files', 'rules']);
    expect(last(watch.got, 'on-access-settings')).toMatchObject({ mode: 'enforce', execAtDeadline: 'allow' });
    expect(last(watch.got, 'trusted')).toMatchObject({
      processes: expect.arrayContaining([{ pid: process.pid, startedAt: expect.any(Number) }]),
    });
    expect(watch.rules()).toMatchObject({ files: [{ sha1, action: 'block' }] });
    list({ put: ['B', 'C', 'D'].map((digit) => object({ content: digit.repeat(40) })) });
    list({ remove: [{ type: 'file_sha1', content: sha1 }] });
    await vi.waitFor(
      () => expect(watch.rules()).toMatchObject({ type: 'rules-changed', put: [], remove: [sha1] }),
      wait,
    );
  });

  test('enforces nothing before the protected files are known', async () => {
    const { inForce } = await start(enforced);
    const watch = play('on-access');
    watch.client.send({ type: 'state', state: 'on', filesystems: ['/'], message: null });
    await vi.waitFor(() => expect(last(watch.got, 'on-access-settings')).toMatchObject({ mode: 'log' }), wait);
    await vi.waitFor(() => expect(inForce.status().held.onAccess.message).toMatch(/Only logs until/), wait);
    playFiles();
    await vi.waitFor(() => expect(last(watch.got, 'on-access-settings')).toMatchObject({ mode: 'enforce' }), wait);
    expect(inForce.status().held.onAccess).toEqual({ state: 'on', message: null });
  });

  test('whose quarantine fails is reported with the reason, until it works again', async () => {
    const { inForce } = await start(enforced);
    const [watch, files] = [play('on-access'), playFiles()];
    watch.client.send({ type: 'state', state: 'on', filesystems: ['/'], message: null });
    await vi.waitFor(() => expect(inForce.status().held).toMatchObject({ onAccess: on, sweep: on }), wait);
    files.client.send({ type: 'quarantine-state', message: 'The disk is full.' });
    await vi.waitFor(
      () =>
        expect(inForce.status().held).toMatchObject({
          onAccess: { state: 'on', message: 'Files are denied, but not quarantined. The disk is full.' },
          sweep: { state: 'unable', message: 'Files are reported, but not quarantined. The disk is full.' },
        }),
      wait,
    );
    files.client.send({ type: 'quarantine-state', message: null });
    await vi.waitFor(() => expect(inForce.status().held).toMatchObject({ onAccess: on, sweep: on }), wait);
  });

  test('has no rules where the group is switched off, and gets them when it is switched on', async () => {
    const { list, settings } = await start();
    list({ put: [object()] });
    const watch = play('on-access');
    await vi.waitFor(() => expect(watch.rules()).toMatchObject({ files: [] }), wait);
    settings(enforced);
    await vi.waitFor(() => expect(watch.rules()).toMatchObject({ files: [{ sha1, action: 'block' }] }), wait);
    settings(undefined);
    await vi.waitFor(() => expect(last(watch.got, 'on-access-settings')).toMatchObject({ mode: 'off' }), wait);
    expect(watch.rules()).toMatchObject({ remove: [sha1] });
  });

  test('loses a rule when it expires', async () => {
    const { list } = await start(enforced);
    const watch = play('on-access');
    list({ put: [object({ expiresAt: now + 200 }), object({ content: 'B'.repeat(40) })] });
    await vi.waitFor(() => expect(watch.rules()).toMatchObject({ files: [{}, {}] }), wait);
    now += 200;
    await vi.waitFor(() => expect(watch.rules()).toMatchObject({ remove: [sha1] }), wait);
  });

  test('keeps its rules while a list starts over, until that is whole', async () => {
    const { list } = await start(enforced);
    list({ put: [object(), object({ content: 'B'.repeat(40) }), object({ content: 'D'.repeat(40) })] });
    const watch = play('on-access');
    await vi.waitFor(() => expect(watch.rules()).toBeDefined(), wait);
    list({ after: 0, revision: 5, more: true, put: [object()] });
    list({ revision: 6, put: [object({ content: 'D'.repeat(40) })] });
    await vi.waitFor(() => expect(watch.rules()).toMatchObject({ put: [], remove: ['B'.repeat(40)] }), wait);
    expect(watch.got.filter(({ type }) => type === 'rules-changed')).toHaveLength(1);
  });
});

describe('a detection', () => {
  test('is sent signed and numbered, one batch at a time, until it is recorded, restarts or not', async () => {
    const first = await start(enforced);
    const watch = play('on-access');
    watch.client.send({ type: 'match', match: match({ remark: 'a' }) });
    first.connect();
    await vi.waitFor(
      () => expect(detections().map(({ sequence, remark }) => [sequence, remark])).toEqual([[1, 'a']]),
      wait,
    );
    watch.client.send({ type: 'match', match: match({ remark: 'b' }) });
    await vi.waitFor(() => expect(first.inForce.status().spooled).toBe(2), wait);
    await first.stop();
    sent = [];
    const second = await start(enforced);
    second.connect();
    await vi.waitFor(() => expect(detections().map(({ remark }) => remark)).toEqual(['a', 'b']), wait);
    second.inForce.handle(detectionsReceipt(2));
    expect(second.inForce.status().spooled).toBe(0);
  });

  test('of a file to be quarantined is sent once the scanner has reported the result', async () => {
    const { list, connect } = await start(enforced);
    list({ put: [object({ action: 'quarantine' })] });
    const files = playFiles();
    const watch = play('on-access');
    await vi.waitFor(() => expect(files.rules()).toBeDefined(), wait);
    watch.client.send({ type: 'match', match: match() });
    watch.client.send({ type: 'match', match: match() });
    await vi.waitFor(() => expect(desiredSender(files.got, 'quarantine')).toHaveLength(1), wait);
    files.client.send({ type: 'match', match: match({ action: 'quarantined' }) });
    connect();
    await vi.waitFor(() => expect(detections().map(({ action }) => action)).toEqual(['quarantined']), wait);
    expect(JSON.parse(readFileSync(join(folder, 'quarantines.json'), 'utf8')).waiting).toEqual([]);
  });

  test('that counts further openings is sent as it is, and quarantines nothing again', async () => {
    const { list, connect } = await start(enforced);
    list({ put: [object({ action: 'quarantine' })] });
    const files = playFiles();
    const watch = play('on-access');
    await vi.waitFor(() => expect(files.rules()).toBeDefined(), wait);
    watch.client.send({ type: 'match', match: match({ count: 235 }), further: true });
    connect();
    await vi.waitFor(
      () => expect(detections().map(({ action, count }) => [action, count])).toEqual([['blocked', 235]]),
      wait,
    );
    expect(desiredSender(files.got, 'quarantine')).toEqual([]);
  });

  test('is sent at once while the scanner is away, which takes the file when it connects, even after a restart', async () => {
    const first = await start(enforced);
    first.list({ put: [object({ action: 'quarantine' })] });
    const watch = play('on-access');
    watch.client.send({ type: 'match', match: match() });
    first.connect();
    await vi.waitFor(
      () => expect(detections().map(({ remark }) => remark)).toEqual([expect.stringMatching(/as soon as/)]),
      wait,
    );
    await first.stop();
    await start(enforced);
    const files = playFiles();
    await vi.waitFor(() => expect(desiredSender(files.got, 'quarantine')).toHaveLength(1), wait);
  });

  test('of a file that is no longer to be quarantined is sent as it was', async () => {
    const { list, connect } = await start(enforced);
    list({ put: [object({ action: 'quarantine' })] });
    const files = playFiles();
    const watch = play('on-access');
    await vi.waitFor(() => expect(files.rules()).toBeDefined(), wait);
    watch.client.send({ type: 'match', match: match() });
    await vi.waitFor(() => expect(desiredSender(files.got, 'quarantine')).toHaveLength(1), wait);
    files.client.close();
    list({ remove: [object()] });
    playFiles();
    connect();
    await vi.waitFor(
      () =>
        expect(detections().map(({ remark }) => remark)).toEqual([expect.stringMatching(/its rule no longer says so/)]),
      wait,
    );
  });
});

describe('a task', () => {
  const find: TaskWork = { kind: 'find', files: [{ sha1, size: 7 }] };
  const running: Omit<RunningTask, 'type' | 'task'> = {
    kind: 'sweep',
    state: 'running',
    files: 1,
    of: 9,
    bytes: 1,
    unreadable: 0,
    found: 0,
    copies: [],
    message: null,
  };

  test('is sent to the scanner each time it connects, until it is done; and its end is reported until that is recorded', async () => {
    const { inForce, connect } = await start(off);
    inForce.handle(taskOf('one', find));
    const first = play('scanner');
    const expected = { type: 'sweep', task: 'one', find: find.files, roots: null, act: false, megabytesPerSecond: 20 };
    await vi.waitFor(() => expect(desiredSender(first.got, 'sweep')).toEqual([expected]), wait);
    first.client.close();
    const second = play('scanner');
    await vi.waitFor(() => expect(desiredSender(second.got, 'sweep')).toEqual([expected]), wait);
    second.client.send({ type: 'progress', task: 'one', ...running });
    second.client.send({ type: 'progress', task: 'one', ...running, state: 'done', files: 9, found: 1 });
    await vi.waitFor(
      () => expect(progress('one').at(-1)).toMatchObject({ kind: 'find', state: 'done', found: 1, agent, enrolment }),
      wait,
    );
    const before = progress('one').length;
    connect();
    expect(progress('one')).toHaveLength(before + 1);
    const at = progress('one').at(-1)?.at ?? 0;
    const forged = [{ task: 'two' }, { at: at - 1 }, { agent: somebodyElse }, { enrolment: somebodyElse }];
    for (const given of forged) inForce.handle(progressReceipt({ task: 'one', at, ...given }));
    inForce.handle(progressReceipt({ task: 'one', at }, own.privateKey));
    connect();
    expect(progress('one')).toHaveLength(before + 2);
    inForce.handle(progressReceipt({ task: 'one', at }));
    connect();
    expect(progress('one')).toHaveLength(before + 2);
    inForce.handle(taskOf('one', find));
    expect(progress('one')).toHaveLength(before + 3);
  });

  test('reports its progress at most once a second', async () => {
    const { inForce } = await start(off);
    const files = play('scanner');
    inForce.handle(taskOf('one', find));
    const began = performance.now();
    for (let count = 1; count <= 50; count += 1)
      files.client.send({ type: 'progress', task: 'one', ...running, files: count });
    await vi.waitFor(() => expect(progress('one').at(-1)).toMatchObject({ files: 50 }), wait);
    const seconds = (performance.now() - began) / 1000;
    expect(progress('one').length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
  });

  test('survives a restart of the enforcer', async () => {
    const first = await start(off);
    first.inForce.handle(
      taskOf('one', { kind: 'restore-files', quarantine: null, object: { type: 'file', content: sha1 } }),
    );
    await first.stop();
    await start(off);
    const files = play('scanner');
    await vi.waitFor(
      () => expect(desiredSender(files.got, 'restore')).toMatchObject([{ task: 'one', object: { content: sha1 } }]),
      wait,
    );
  });

  test('for somebody else, forged or late is not begun', async () => {
    const { inForce } = await start(off);
    const stranger = generateKeyPairSync('ed25519').privateKey;
    inForce.handle(taskOf('other', find, { agent: enrolment }));
    inForce.handle(taskOf('earlier', find, { enrolment: agent }));
    const document = { agent, enrolment, task: 'forged', issuedAt: now, expiresAt: now + 9, work: find };
    inForce.handle({ type: 'task', task: signDocument('task', document, stranger) });
    expect(sent.filter(({ type }) => type === 'progress')).toEqual([]);
    inForce.handle(taskOf('late', find, { expiresAt: now - 1 }));
    expect(progress('late')).toMatchObject([{ state: 'failed', message: expect.stringMatching(/when it expired/) }]);
    inForce.handle(taskOf('list:7', find));
    expect(progress('list:7')).toMatchObject([{ state: 'failed' }]);
    expect(inForce.status().tasks).toEqual([]);
  });

  test('is cancelled, whether the scanner is connected or not', async () => {
    const { inForce } = await start(off);
    inForce.handle(taskOf('one', find));
    inForce.handle(taskOf('stop', { kind: 'cancel', task: 'one' }));
    expect(progress('one')).toMatchObject([{ state: 'cancelled' }]);
    expect(progress('stop')).toMatchObject([{ state: 'done', kind: 'cancel', message: null }]);
    const files = play('scanner');
    files.client.send({ type: 'progress', task: 'one', ...running });
    await vi.waitFor(() => expect(desiredSender(files.got, 'cancel')).toEqual([{ type: 'cancel', task: 'one' }]), wait);
    expect(desiredSender(files.got, 'sweep')).toEqual([]);
  });

  test('more than a hundred are refused', async () => {
    const { inForce } = await start(off);
    for (let index = 0; index <= 100; index += 1) inForce.handle(taskOf(`task-${index}`, find));
    expect(inForce.status().tasks).toHaveLength(100);
    expect(progress('task-100')).toMatchObject([{ state: 'failed', message: expect.stringMatching(/100 tasks wait/) }]);
  });
});

describe('a sweep', () => {
  test('begins when files are listed, once for many changes, and a newer list replaces it', async () => {
    const { list } = await start(enforced);
    const files = playFiles();
    await vi.waitFor(() => expect(files.rules()).toBeDefined(), wait);
    list({ put: [object()] });
    list({ put: [object({ content: 'B'.repeat(40) })] });
    await vi.waitFor(
      () =>
        expect(desiredSender(files.got, 'sweep')).toMatchObject([
          { task: 'list:2', act: true, find: null, roots: null },
        ]),
      wait,
    );
    files.client.send({
      type: 'progress',
      task: 'list:2',
      kind: 'sweep',
      state: 'running',
      files: 1,
      of: 9,
      bytes: 1,
      unreadable: 0,
      found: 0,
      copies: [],
      message: null,
    });
    await vi.waitFor(() => expect(progress('list:2')).toHaveLength(1), wait);
    list({ put: [object({ content: 'C'.repeat(40) })] });
    await vi.waitFor(() => expect(desiredSender(files.got, 'sweep')).toHaveLength(2), wait);
    expect(desiredSender(files.got, 'cancel')).toEqual([{ type: 'cancel', task: 'list:2' }]);
    expect(progress('list:2').at(-1)).toMatchObject({
      state: 'cancelled',
      message: expect.stringMatching(/Revision 3/),
    });
  });

  test('begins for a list that changed just before the enforcer died, and not again after that', async () => {
    const first = await start(enforced);
    first.list({ put: [object()] });
    await first.stop();
    const second = await start(enforced);
    await vi.waitFor(
      () => expect(second.inForce.status().tasks).toMatchObject([{ task: 'list:1', kind: 'sweep' }]),
      wait,
    );
    const files = playFiles();
    files.client.send({
      type: 'progress',
      task: 'list:1',
      kind: 'sweep',
      state: 'done',
      files: 1,
      of: 1,
      bytes: 1,
      unreadable: 0,
      found: 0,
      copies: [],
      message: null,
    });
    await vi.waitFor(() => expect(second.inForce.status().tasks).toEqual([]), wait);
    await second.stop();
    const third = await start(enforced);
    third.settings({ ...enforced, sweep: 'off' });
    third.settings(enforced);
    await vi.waitFor(() => expect(third.inForce.status().tasks).toHaveLength(1), wait);
    third.settings({ ...enforced, sweep: 'off' });
    expect(third.inForce.status().tasks).toEqual([]);
  });
});

describe('the status', () => {
  test('says what runs, what is switched off and what is missing, and is reported when it changes', async () => {
    const { inForce, settings } = await start(off);
    const nothing = { state: 'off', message: null };
    expect(inForce.status().held).toMatchObject({
      onAccess: nothing,
      sweep: nothing,
      network: nothing,
      names: nothing,
    });
    settings(enforced);
    expect(inForce.status().held).toMatchObject({ onAccess: { state: 'starting' }, sweep: { state: 'starting' } });
    const before = reports();
    const watch = play('on-access');
    playFiles();
    await vi.waitFor(() => expect(reports()).toBeGreaterThan(before), wait);
    watch.client.send({ type: 'state', state: 'unable', filesystems: [], message: 'This kernel has no fanotify.' });
    await vi.waitFor(
      () =>
        expect(inForce.status().held).toMatchObject({
          onAccess: { state: 'unable', message: 'This kernel has no fanotify.' },
          sweep: { state: 'on' },
        }),
      wait,
    );
  });

  test('addresses are put into force when they are listed, in the very call', async () => {
    const { list } = await start({ ...off, network: 'enforce' });
    list({ put: [object({ type: 'ip', content: '198.51.100.9' })] });
    expect(readFileSync(join(folder, 'simulated-network.nft'), 'utf8')).toContain('198.51.100.9');
  });
});
