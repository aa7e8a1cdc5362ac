/** The whole agent without root: enrolment, desired state, reports and recovery, with the simulated kernel. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnrolmentToken, writeEnrolmentToken } from '@cordon/protocol/channel';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JsonProcess } from '../harness/json-process.ts';
import { agentProgram, testProgram, temporaryFolder } from './paths.ts';
import { root } from '../harness/privileged.ts';

vi.setConfig({ testTimeout: 180_000 });

let folder: { path: string; remove: () => void };
let gateway: JsonProcess;
let token: string;
let running: JsonProcess[];

beforeEach(async () => {
  folder = temporaryFolder();
  running = [];
  gateway = new JsonProcess(process.execPath, [testProgram('gateway.ts')]);
  token = String((await gateway.next({ event: 'listening' }))['token']);
});

afterEach(async () => {
  for (const one of running) one.child.stdin?.end();
  await Promise.all(running.map((one) => one.exited));
  gateway.kill();
  folder.remove();
});

function agent(args: string[], environment: NodeJS.ProcessEnv = {}, through: string[] = []): JsonProcess {
  const [program, ...rest] = [...through, process.execPath, agentProgram, ...args];
  const child = new JsonProcess(program ?? process.execPath, rest, {
    from: 'stderr',
    environment: {
      CORDON_AGENT_STATE: state(),
      CORDON_AGENT_SIMULATED: '1',
      CORDON_AGENT_HOST_NAME: 'ws-17',
      ...environment,
    },
  });
  running.push(child);
  return child;
}

/** Root without the right to change the network is as powerless as any user. */
function powerless(args: string[], environment: NodeJS.ProcessEnv): JsonProcess {
  return root ? agent(args, environment, ['setpriv', '--bounding-set=-net_admin']) : agent(args, environment);
}

function state(): string {
  return join(folder.path, 'state');
}

async function enrolled(): Promise<void> {
  const child = agent(['enrol', token]);
  expect(await child.exited).toBe(0);
}

async function started(server = gateway): Promise<JsonProcess> {
  await enrolled();
  const child = agent(['run', '--with-parent']);
  await server.next({ event: 'report', epoch: 1, isolation: 'normal' });
  return child;
}

test('an enrolled agent says hello, is isolated and restored, and reports each with a proof', async () => {
  await started();
  expect(await gateway.next({ event: 'hello' })).toMatchObject({
    genuine: true,
    epoch: 1,
    facts: { hostName: 'ws-17', product: 'SLF_PRODUCT_OFFICESCAN_CE', folder: 'Workgroup', canIsolate: true },
  });
  const isolated = await gateway.request(
    { do: 'want', desired: { isolation: 'isolated' } },
    { event: 'report', epoch: 2 },
  );
  expect(isolated).toMatchObject({ isolation: 'isolated', problem: null, proof: { level: 'simulated', chains: 8 } });
  const restored = await gateway.request(
    { do: 'want', desired: { isolation: 'normal' } },
    { event: 'report', epoch: 3 },
  );
  expect(restored).toMatchObject({ isolation: 'normal', problem: null });
});

test('only its owner may read what the agent keeps', async () => {
  await enrolled();
  expect(statSync(state()).mode & 0o777).toBe(0o700);
  for (const name of ['identity.json', 'desired-state.json'])
    expect(statSync(join(state(), name)).mode & 0o777).toBe(0o600);
});

test('documents that are forged, old or for somebody else change nothing', async () => {
  const child = await started();
  await gateway.request({ do: 'want', desired: { isolation: 'isolated', epoch: 9 } }, { event: 'report', epoch: 9 });
  const refusals = [
    [{ forged: true, desired: { isolation: 'normal', epoch: 10 } }, 'document-invalid'],
    [{ desired: { isolation: 'normal', epoch: 10, agent: '11111111-1111-1111-1111-111111111111' } }, 'other-agent'],
    [
      { desired: { isolation: 'normal', epoch: 10, enrolment: '11111111-1111-1111-1111-111111111111' } },
      'other-enrolment',
    ],
    [{ desired: { isolation: 'normal', epoch: 8 } }, 'epoch-old'],
    [{ desired: { isolation: 'normal', epoch: 9 } }, 'epoch-reused'],
  ] as const;
  for (const [sent, reason] of refusals) {
    const before = child.count;
    const report = await gateway.request({ do: 'send', ...sent }, { event: 'report' });
    expect(report).toMatchObject({ epoch: 9, isolation: 'isolated' });
    await child.next({ room: 'enforcer', event: 'desired state refused', reason }, before);
  }
});

test('pages of objects are applied in their order, asked for when one is missing, and kept over a restart', async () => {
  const child = await started();
  const object = {
    type: 'file_sha1',
    content: 'A'.repeat(40),
    action: 'block',
    size: null,
    sha256: null,
    expiresAt: null,
  };
  const page = { after: 0, revision: 2, more: true, put: [object], remove: [] };
  const more = await gateway.request({ do: 'page', page }, { event: 'objects-after' });
  expect(more).toMatchObject({ revision: 2 });
  gateway.send({ do: 'page', page: { ...page, after: 7, revision: 8 } });
  const next = { ...page, after: 2, revision: 5, more: false };
  await gateway.request({ do: 'page', page: next }, { event: 'report', objectsRevision: 5 });
  expect(gateway.eventsLike({ event: 'report', objectsRevision: 8 })).toEqual([]);
  gateway.send({ do: 'page', page: { ...page, after: 5, revision: 6 }, forged: true });
  await child.next({ event: 'objects refused' });
  expect(
    await gateway.request({ do: 'page', page: { ...page, after: 9, revision: 10 } }, { event: 'objects-after' }),
  ).toMatchObject({
    revision: 5,
  });
  const before = gateway.count;
  process.kill(Number((await child.next({ event: 'started', process: 'enforcer' }))['pid']), 'SIGKILL');
  expect(await gateway.next({ event: 'hello' }, before)).toMatchObject({ objectsRevision: 5 });
});

test('an agent whose gateway drops it comes back by itself', async () => {
  await started();
  expect(await gateway.request({ do: 'drop' }, { event: 'hello' })).toMatchObject({ genuine: true });
});

test('another home is gone to at once, and the old one when the new one is down', async () => {
  const listening = await gateway.next({ event: 'listening' });
  await started();
  const { port } = await gateway.request({ do: 'second' }, { event: 'listening too' });
  const at = (number: unknown): object => ({ server: listening['server'], address: '127.0.0.1', port: number });
  const gateways = [at(port), at(listening['port'])];
  const moving = gateway.count;
  await gateway.request({ do: 'want', desired: { gateways } }, { event: 'opened', port });
  await gateway.next({ event: 'hello', epoch: 2 }, moving);
  const before = gateway.count;
  expect(await gateway.request({ do: 'close-second' }, { event: 'opened' })).toMatchObject({ port: listening['port'] });
  await gateway.next({ event: 'report', epoch: 2 }, before);
});

test('on a fallback gateway it goes home by itself once the home answers again', async () => {
  const listening = await gateway.next({ event: 'listening' });
  await enrolled();
  agent(['run', '--with-parent'], { CORDON_AGENT_HOME_AFTER: '1' });
  await gateway.next({ event: 'report', epoch: 1 });
  const { port } = await gateway.request({ do: 'second' }, { event: 'listening too' });
  const at = (number: unknown): object => ({ server: listening['server'], address: '127.0.0.1', port: number });
  await gateway.request(
    { do: 'want', desired: { gateways: [at(port), at(listening['port'])] } },
    { event: 'opened', port },
  );
  await gateway.next({ event: 'hello', epoch: 2 });
  const fled = await gateway.request({ do: 'close-second' }, { event: 'opened' });
  expect(fled).toMatchObject({ port: listening['port'] });
  gateway.send({ do: 'second-again', port });
  const before = gateway.count;
  expect(await gateway.next({ event: 'opened', port }, before)).toMatchObject({ port });
});

test('when the supervisor is killed its processes end, and a new one starts without trouble', async () => {
  const child = await started();
  await gateway.next({ event: 'report', epoch: 1 });
  const before = gateway.count;
  child.kill();
  await gateway.next({ event: 'closed' }, before);
  agent(['run', '--with-parent']);
  expect(await gateway.next({ event: 'report' }, before)).toMatchObject({ epoch: 1, isolation: 'normal' });
});

test('killing link or enforcer is survived: the other notices, and the desired state in force is reported again', async () => {
  const child = await started();
  await gateway.request(
    { do: 'want', desired: { isolation: 'isolated' } },
    { event: 'report', epoch: 2, isolation: 'isolated' },
  );
  for (const part of ['link', 'enforcer']) {
    const before = gateway.count;
    process.kill(Number(child.eventsLike({ event: 'started', process: part }).at(-1)?.['pid']), 'SIGKILL');
    const report = await gateway.next({ event: 'report', epoch: 2 }, before);
    expect(report).toMatchObject({ isolation: 'isolated' });
  }
});

test('uninstalling says a last word, and removes the agent’s own files only', async () => {
  const child = await started();
  const stranger = join(state(), 'notes-of-the-administrator.txt');
  writeFileSync(stranger, 'keep');
  await gateway.request({ do: 'want', desired: { installed: false } }, { event: 'report', installed: false });
  expect(await child.exited).toBe(0);
  expect(readdirSync(state())).toEqual(['notes-of-the-administrator.txt']);
  expect(existsSync(join(state(), 'identity.json'))).toBe(false);
});

test('uninstalling leaves quarantined files, and says where they are', async () => {
  const child = await started();
  const quarantine = join(state(), 'quarantine');
  mkdirSync(quarantine);
  for (const name of ['key', 'one.json', 'one.content']) writeFileSync(join(quarantine, name), 'kept');
  const report = await gateway.request(
    { do: 'want', desired: { installed: false } },
    { event: 'report', installed: false },
  );
  expect(report['problem']).toMatch(/^1 quarantined files stay in .*quarantine/);
  expect(await child.exited).toBe(0);
  expect(readdirSync(state())).toEqual(['quarantine']);
  expect(readdirSync(quarantine)).toEqual(['key', 'one.content', 'one.json']);
});

test('a simulated endpoint writes down what would be in force, says so, and shows it', async () => {
  const child = await started();
  const settings = { group: 'servers', onAccess: 'enforce', sweep: 'log', network: 'enforce', execAtDeadline: 'allow' };
  gateway.send({ do: 'want', desired: { objects: { ...settings, sweepMegabytesPerSecond: 0 } } });
  const nothing = { size: null, sha256: null, expiresAt: null };
  const file = { type: 'file', content: 'B'.repeat(40), action: 'quarantine', ...nothing };
  const address = { type: 'ip', content: '198.51.100.9', action: 'block', ...nothing };
  gateway.send({ do: 'page', page: { after: 0, revision: 1, more: false, put: [file, address], remove: [] } });
  const on = { state: 'on' };
  await gateway.next({ event: 'report', objectsRevision: 1, objects: { onAccess: on, sweep: on, network: on } });
  expect(JSON.parse(readFileSync(join(state(), 'simulated-rules.json'), 'utf8'))).toMatchObject({
    mode: 'enforce',
    files: [{ sha1: 'B'.repeat(40), action: 'quarantine' }],
  });
  expect(readFileSync(join(state(), 'simulated-network.nft'), 'utf8')).toContain('198.51.100.9');
  await gateway.next({ event: 'progress', task: 'list:1', state: 'done' });
  const status = agent(['status']);
  expect(await status.exited).toBe(0);
  const shown = status.eventsLike({}).map((event) => event['said']);
  expect(shown).toContain('objects  2 listed at revision 1, 1 file rules; group servers');
  expect(shown).toContain('openings enforce, on');
  expect(shown).toContain('sweep    log, on');
  expect(shown).toContain('spool    0 detections waiting for the server');
  expect(child.eventsLike({ event: 'failed' })).toEqual([]);
});

test('a server of a later version gets the same', async () => {
  const later = new JsonProcess(process.execPath, [testProgram('gateway.ts'), '127.0.0.1', '0', '2']);
  running.push(later);
  token = String((await later.next({ event: 'listening' }))['token']);
  await started(later);
  later.send({
    do: 'want',
    desired: {
      objects: {
        group: 'a',
        onAccess: 'off',
        sweep: 'log',
        network: 'off',
        execAtDeadline: 'allow',
        sweepMegabytesPerSecond: 0,
      },
    },
  });
  await later.next({ event: 'report', objects: { sweep: { state: 'on' } } });
  const file = { type: 'file', content: 'B'.repeat(40), action: 'log', size: null, sha256: null, expiresAt: null };
  later.send({ do: 'page', page: { after: 0, revision: 1, more: false, put: [file], remove: [] } });
  await vi.waitFor(() => expect(listIsSweptFor()).toBe(true), 15_000);
  const report = await later.request({ do: 'want', desired: {} }, { event: 'report', epoch: 3 });
  expect(report).toMatchObject({ isolation: 'normal' });
  await later.next({ event: 'progress' });
});

test('an endpoint that may not change its kernel enrols, is normal, and says that it cannot isolate itself', async () => {
  const real = { CORDON_AGENT_SIMULATED: '' };
  expect(await powerless(['enrol', token], real).exited).toBe(0);
  const child = powerless(['run', '--with-parent'], real);
  expect(await gateway.next({ event: 'hello' })).toMatchObject({ facts: { canIsolate: false } });
  await gateway.next({ event: 'report', isolation: 'normal', proof: null });
  const report = await gateway.request(
    { do: 'want', desired: { isolation: 'isolated' } },
    { event: 'report', epoch: 2 },
  );
  expect(report).toMatchObject({ isolation: 'unproven', proof: null });
  expect(report['problem']).toBe((await child.next({ event: 'enforcement found' }))['unable']);
});

test('enrolling twice is refused, unless it is meant', async () => {
  await enrolled();
  const before = readFileSync(join(state(), 'identity.json'), 'utf8');
  const again = agent(['enrol', token]);
  expect(await again.exited).toBe(1);
  expect(JSON.stringify(again.eventsLike({}))).toContain('enrol --replace');
  expect(readFileSync(join(state(), 'identity.json'), 'utf8')).toBe(before);
  expect(await agent(['enrol', '--replace', token]).exited).toBe(0);
  expect(readFileSync(join(state(), 'identity.json'), 'utf8')).not.toBe(before);
});

test('a server with another key gets not one byte', async () => {
  const other = new JsonProcess(process.execPath, [testProgram('gateway.ts')]);
  running.push(other);
  const { port } = await other.next({ event: 'listening' });
  const redirected = { ...readEnrolmentToken(token), gateways: [{ host: '127.0.0.1', port: Number(port) }] };
  const child = agent(['enrol', writeEnrolmentToken(redirected)]);
  expect(await child.exited).toBe(1);
  expect(JSON.stringify(child.eventsLike({}))).toContain('shows the public key');
  expect(other.eventsLike({ event: 'enrolled' })).toEqual([]);
});

test('an agent that is not enrolled says how to enrol it, and ends with 65', async () => {
  const child = agent(['run', '--with-parent']);
  expect(await child.exited).toBe(65);
  expect(JSON.stringify(child.eventsLike({ event: 'not enrolled' }))).toContain('cordon-agent enrol <token>');
});

function listIsSweptFor(): boolean {
  return /"task":"list:1".*"state":"done"/.test(readFileSync(join(state(), 'tasks.json'), 'utf8'));
}
