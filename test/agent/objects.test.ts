/**
 * Suspicious objects with the whole agent: real processes, a real kernel, one watched loop image, and a fake gateway.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectEntry, ObjectSettings, ObjectsPage } from '@cordon/protocol/channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { whileItLasts } from '../harness/timing.ts';
import { eventually } from '../harness/eventually.ts';
import { MountNamespace } from '../harness/mount-namespace.ts';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { Namespace } from '../harness/network-namespace.ts';
import { agentProgram, testProgram, temporaryFolder } from './paths.ts';
import { root } from '../harness/privileged.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const enforced: ObjectSettings = {
  group: 'servers',
  onAccess: 'enforce',
  sweep: 'off',
  network: 'off',
  execAtDeadline: 'allow',
  sweepMegabytesPerSecond: 0,
};
const content = 'something that is listed\n';

let folder: { path: string; remove: () => void };
let network: Namespace;
let mounts: MountNamespace;
let gateway: JsonProcess;
let agent: JsonProcess;
let revision: number;

beforeEach(async () => {
  if (!root) return;
  folder = temporaryFolder();
  revision = 0;
  [network, mounts] = await Promise.all([Namespace.make(), MountNamespace.make()]);
  gateway = network.start(process.execPath, [testProgram('gateway.ts'), '127.0.0.1']);
  const { token } = await gateway.next({ event: 'listening' });
  const enrolment = start(['enrol', String(token)]);
  if ((await enrolment.exited) !== 0) throw new Error('The agent could not be enrolled.');
  agent = start(['run', '--with-parent']);
  await gateway.next({ event: 'hello', genuine: true });
});

afterEach(async () => {
  if (!root) return;
  agent.child.stdin?.end();
  await agent.exited;
  mounts.close();
  network.close();
  folder.remove();
});

/** In the network of the gateway, and where the loop image is mounted. */
function start(args: string[]): JsonProcess {
  const enter = [`--net=/proc/${network.pid}/ns/net`, process.execPath, agentProgram, ...args];
  return mounts.start('nsenter', enter, {
    from: 'stderr',
    environment: { CORDON_AGENT_STATE: join(folder.path, 'state'), CORDON_AGENT_ON_ACCESS_ONLY: mounts.files },
  });
}

function sha1Of(text: string): string {
  return createHash('sha1').update(text).digest('hex').toUpperCase();
}

function listed(given: Partial<ObjectEntry> = {}): ObjectEntry {
  return {
    type: 'file_sha1',
    content: sha1Of(content),
    action: 'block',
    size: null,
    sha256: null,
    expiresAt: null,
    ...given,
  };
}

function page(changes: Partial<ObjectsPage>): void {
  revision += 1;
  gateway.send({
    do: 'page',
    page: { after: revision - 1, revision, more: false, issuedAt: Date.now(), put: [], remove: [], ...changes },
  });
}

function settings(objects: ObjectSettings): void {
  gateway.send({ do: 'want', desired: { objects } });
}

async function canRead(name: string): Promise<boolean> {
  const { code } = await mounts.run('cat', mounts.path(name));
  if (code === null) throw new Error(`Opening ${name} hung.`);
  return code === 0;
}

/** Until opening it ends as expected. */
async function reads(name: string, desired: boolean): Promise<void> {
  await eventually(`${name} ${desired ? 'can' : 'cannot'} be read`, async () =>
    (await canRead(name)) === desired ? true : undefined,
  );
}

async function enforcing(action: ObjectEntry['action'] = 'block'): Promise<void> {
  writeFileSync(mounts.outside('listed'), content);
  writeFileSync(mounts.outside('innocent'), 'nobody lists this\n');
  settings(enforced);
  page({ put: [listed({ action })] });
  await reads('listed', false);
}

/** The newest process of that worker. */
function pidOf(part: string): number {
  return Number(agent.eventsLike({ event: 'started', process: part }).at(-1)?.['pid']);
}

function detections(): Event[] {
  return gateway.eventsLike({ event: 'detection' });
}

/** Sent twice is recorded once: what the server stores has one row for each sequence. */
function stored(): Map<unknown, Event> {
  return new Map(detections().map((event) => [event['sequence'], event]));
}

describe.runIf(root)('a listed file', () => {
  test('cannot be opened from the moment it is listed, is reported, and can be opened when it no longer is', async () => {
    await enforcing();
    expect(await canRead('innocent')).toBe(true);
    const detection = await gateway.next({ event: 'detection', action: 'blocked', detectedBy: 'open' });
    expect(detection).toMatchObject({
      object: { content: listed().content },
      file: { path: { text: mounts.path('listed') } },
    });
    await gateway.next({ event: 'report', objectsRevision: 1, objects: { onAccess: { state: 'on' } } });
    page({ remove: [listed()] });
    await reads('listed', true);
  });

  test('can be opened again when the group is switched off', async () => {
    await enforcing();
    settings({ ...enforced, onAccess: 'off' });
    await reads('listed', true);
    const report = await gateway.next({ event: 'report', epoch: 3, objects: { onAccess: { state: 'off' } } });
    expect(report).toMatchObject({ isolation: 'normal' });
  });

  test('can be opened again when it expires, with no server there', async () => {
    await enforcing();
    const { seen } = await whileItLasts(async (expiresAt) => {
      page({ put: [listed({ expiresAt })] });
      await eventually('the page is kept', () => fileWith(`${revision}.json`));
      return canRead('listed');
    }, 4000);
    expect(seen).toBe(false);
    gateway.kill();
    await agent.next({ room: 'link', event: 'disconnected' });
    await reads('listed', true);
  });

  test.each(['enforcer', 'link', 'on-access', 'scanner'])('is denied and reported when %s was killed', async (part) => {
    await enforcing();
    await gateway.next({ event: 'detection', action: 'blocked' });
    const [before, seen] = [agent.count, detections().length];
    process.kill(pidOf(part), 'SIGKILL');
    await agent.next({ event: 'started', process: part }, before);
    writeFileSync(mounts.outside('copy'), content);
    await reads('copy', false);
    const file = { path: { text: mounts.path('copy') } };
    await gateway.next({ event: 'detection', file }, 0);
    expect(detections().length).toBeGreaterThan(seen);
    const numbers = [...stored().keys()].map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe.runIf(root)('a file that is to be quarantined', () => {
  const taken = { event: 'detection', action: 'quarantined' } as const;

  test('is gone after the first try to open it, and a task puts it back as it was', async () => {
    await enforcing('quarantine');
    const detection = await gateway.next(taken);
    expect(existsSync(mounts.outside('listed'))).toBe(false);
    expect(detections().filter(({ action }) => action === 'blocked')).toEqual([]);
    const { quarantine } = Object(detection['file']);
    page({ remove: [listed()] });
    await eventually('the page is kept', () => fileWith(`${revision}.json`));
    gateway.send({
      do: 'task',
      task: { task: 'back', work: { kind: 'restore-files', quarantine: [quarantine], object: null } },
    });
    await gateway.next({ event: 'progress', task: 'back', state: 'done', found: 1 });
    await gateway.next({ event: 'detection', action: 'restored' });
    await reads('listed', true);
    expect(readFileSync(mounts.outside('listed'), 'utf8')).toBe(content);
  });

  test('is taken, and reported once, when the scanner hangs and is started again', async () => {
    await enforcing('block');
    const files = pidOf('scanner');
    process.kill(files, 'SIGSTOP');
    // The page is in force once its other file is denied; until then a copy is only blocked.
    const other = 'listed by the same page\n';
    writeFileSync(mounts.outside('other'), other);
    page({ put: [listed({ action: 'quarantine' }), listed({ content: sha1Of(other) })] });
    await reads('other', false);
    writeFileSync(mounts.outside('copy'), content);
    await reads('copy', false);
    process.kill(files, 'SIGKILL');
    const file = { path: { text: mounts.path('copy') } };
    await gateway.next({ ...taken, file });
    expect(existsSync(mounts.outside('copy'))).toBe(false);
    expect(gateway.eventsLike({ ...taken, file })).toHaveLength(1);
  });
});

describe.runIf(root)('a detection', () => {
  test('that the server has not recorded is sent again, the same under the same number, whichever process dies', async () => {
    gateway.send({ do: 'record', recording: false });
    await enforcing();
    const first = await gateway.next({ event: 'detection', sequence: 1 });
    for (const part of ['link', 'enforcer'] as const) {
      const before = gateway.count;
      process.kill(pidOf(part), 'SIGKILL');
      const again = await gateway.next({ event: 'detection', sequence: 1 }, before);
      expect(again).toEqual(first);
    }
    gateway.send({ do: 'record', recording: true });
    const before = gateway.count;
    gateway.send({ do: 'drop' });
    await gateway.next({ event: 'detection', sequence: 1 }, before);
    await eventually('it is forgotten', () => (/"recorded":[1-9]/.test(spoolFile('recorded.json')) ? true : undefined));
  });
});

function fileWith(end: string): true | undefined {
  const name = end.padStart(21, '0');
  try {
    return readFileSync(join(folder.path, 'state', 'objects', name)).length > 0 || undefined;
  } catch {
    return undefined; // Not yet.
  }
}

function spoolFile(name: string): string {
  return readFileSync(join(folder.path, 'state', 'spool', name), 'utf8');
}
