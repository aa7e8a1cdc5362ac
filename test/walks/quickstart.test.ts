/** `npm start` as a new user runs it: everything ready at once, and nothing left behind. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileAt } from '@cordon/sdk/node';
import { root } from '../harness/privileged.ts';
import { quickest } from '../harness/timing.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';
import { QuickstartUser, machineRules } from '../harness/quickstart.ts';
import { eventually } from '../harness/eventually.ts';

const guid = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;
const hostName = 'practice-endpoint';
const nobody = 65_534;
const main = new URL('../../quickstart/main.ts', import.meta.url).pathname;

// Skipped without root: the practice endpoint needs network namespaces.
describe.skipIf(!root).each(databaseKinds())('a quickstart on $name', { timeout: 300_000 }, (kind) => {
  let database: FreshDatabase;
  let newUser: QuickstartUser;
  let rules: string;

  beforeEach(async () => {
    database = await kind.make();
    rules = machineRules();
    newUser = new QuickstartUser({ database: database.address });
  });

  afterEach(async () => {
    await newUser.remove();
    await database.remove();
  });

  async function expectNothingLeft(cable: string): Promise<void> {
    await eventually('every process has ended', () => newUser.processes().length === 0 || undefined, {
      timeoutMs: 120_000,
    });
    await eventually('the cable has gone', () => !existsSync(`/sys/class/net/${cable}`) || undefined);
    expect(machineRules()).toBe(rules);
    expect(readdirSync(newUser.temporary)).toEqual([]);
  }

  /** Milliseconds until the API reports the goal. */
  async function timeUntil(act: 'isolate' | 'restore', goal: 'isolated' | 'normal'): Promise<number> {
    const client = newUser.client();
    const from = performance.now();
    await client.agents[act]({ hostName });
    await client.agents.waitFor({ hostName }, goal, { timeoutSeconds: 60 });
    return performance.now() - from;
  }

  test('the first start prints all that a script needs, isolates and releases within a second, and leaves nothing behind', async () => {
    const quickstart = await newUser.start();
    const file = join(newUser.data, 'first-run.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const firstRun = newUser.firstRun();
    expect(firstRun).toEqual({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      applicationId: expect.stringMatching(guid),
      apiKey: expect.stringMatching(guid),
      admin: { user: 'admin', password: expect.stringMatching(/^.{16,}$/) },
      practiceAgent: { entity_id: expect.stringMatching(guid), host_name: hostName },
    });
    const promised = ['url', 'fingerprint', 'applicationId', 'apiKey', 'admin', 'practiceAgent'];
    expect(Object.keys(firstRun)).toEqual(promised);

    await eventually(
      'the neighbour receives packets',
      () => quickstart.printed.includes('receives packets') || undefined,
    );
    await timeUntil('isolate', 'isolated');
    await eventually(
      'the neighbour receives nothing',
      () => quickstart.printed.includes('receives nothing') || undefined,
    );
    expect(newUser.endpointRules().match(/^table \w+ cordon/gm)).toHaveLength(3);
    await timeUntil('restore', 'normal');
    expect(newUser.endpointRules()).toBe('');
    await eventually(
      'the neighbour receives packets again',
      () => /nothing[^]*receives packets/.test(quickstart.printed) || undefined,
    );

    const took = await quickest(1000, async () =>
      Math.max(await timeUntil('isolate', 'isolated'), await timeUntil('restore', 'normal')),
    );
    expect(took).toBeLessThan(1000);

    const cable = newUser.interface();
    expect(existsSync(`/sys/class/net/${cable}`)).toBe(true);
    expect(await quickstart.end('SIGINT')).toBe(0);
    expect(newUser.processes()).toEqual([]);
    await expectNothingLeft(cable);
  });

  test('the second guide makes a file unreadable on the endpoint, and removing the object makes it readable again', async () => {
    const quickstart = await newUser.start();
    const says = (words: string): Promise<true> =>
      eventually(words, () => quickstart.printed.includes(words) || undefined);
    await says('the endpoint can open its copy of sample.txt');
    const content = await fileAt(join(newUser.data, 'sample.txt'));
    const { objects } = newUser.client();
    const { sha1 } = await objects.addFile({ name: 'sample.txt', content, action: 'block' });
    await says('cannot open its copy of sample.txt any more: Operation not permitted');
    await objects.remove({ type: 'file', content: sha1 });
    await eventually(
      'it can be opened again',
      () => /any more[^]*the endpoint can open its copy/.test(quickstart.printed) || undefined,
    );
    expect(await quickstart.end('SIGINT')).toBe(0);
    expect(newUser.processes()).toEqual([]);
    expect(execFileSync('losetup', ['--all'], { encoding: 'utf8' })).not.toContain(newUser.data);
  });

  test('killed while isolated, it leaves nothing behind', async () => {
    const quickstart = await newUser.start();
    await timeUntil('isolate', 'isolated');
    const cable = newUser.interface();
    expect(newUser.processes().length).toBeGreaterThan(5);
    expect(await quickstart.end('SIGKILL')).toBe('SIGKILL');
    await expectNothingLeft(cable);
  });

  test('the next start has the same keys and the same endpoint, still isolated if it was', async () => {
    const first = await newUser.start();
    const { applicationId, apiKey, admin, practiceAgent, fingerprint } = newUser.firstRun();
    await timeUntil('isolate', 'isolated');
    await first.end('SIGINT');
    await newUser.start();
    expect(newUser.firstRun()).toMatchObject({ applicationId, apiKey, admin, practiceAgent, fingerprint });
    const [agent, ...others] = await newUser.client().agents.list();
    expect({ id: agent?.entityId, isolation: agent?.isolation, others }).toEqual({
      id: practiceAgent?.entity_id,
      isolation: 'isolated',
      others: [],
    });
    expect(newUser.endpointRules().match(/^table \w+ cordon/gm)).toHaveLength(3);
    await timeUntil('restore', 'normal');
    expect(newUser.endpointRules()).toBe('');
  });

  test('an endpoint that was uninstalled is replaced by a new one at the next start', async () => {
    const first = await newUser.start();
    const earlier = newUser.firstRun().practiceAgent?.entity_id ?? '';
    await newUser.client().agents.uninstall({ hostName });
    await newUser.client().agents.waitFor(earlier, 'removed', { timeoutSeconds: 60 });
    await eventually('it says so', () => first.printed.includes('enrols a new one next time') || undefined);
    await first.end('SIGINT');
    await newUser.start();
    const [agent, ...others] = await newUser.client().agents.list();
    expect(others).toEqual([]);
    expect(agent).toMatchObject({ hostName, isolation: 'normal', connection: 'Online' });
    expect(agent?.entityId).not.toBe(earlier);
    expect(newUser.firstRun().practiceAgent?.entity_id).toBe(agent?.entityId);
  });

  test('two quickstarts run side by side, and an earlier one finds its endpoint again', async () => {
    const first = await newUser.start();
    const { practiceAgent } = newUser.firstRun();
    await timeUntil('isolate', 'isolated');
    await first.end('SIGINT');
    const other = new QuickstartUser();
    try {
      await Promise.all([other.start(), newUser.start()]);
      expect(newUser.firstRun().practiceAgent).toEqual(practiceAgent);
      await timeUntil('restore', 'normal');
      expect(newUser.endpointRules()).toBe('');
    } finally {
      await other.remove();
    }
  });
});

describe('a quickstart by a user who is not root', { timeout: 180_000 }, () => {
  let newUser: QuickstartUser;

  beforeEach(() => {
    newUser = new QuickstartUser(root ? { as: nobody } : {});
  });

  afterEach(() => newUser.remove());

  test('has a simulated endpoint that says so in its name', async () => {
    const quickstart = await newUser.start();
    expect(quickstart.printed).toContain(
      '"simulated-practice-endpoint" is simulated, because network namespaces need root',
    );
    const client = newUser.client();
    const [agent, ...others] = await client.agents.list();
    expect(others).toEqual([]);
    expect(agent).toMatchObject({ hostName: 'simulated-practice-endpoint', isolation: 'normal' });
    expect(newUser.firstRun().practiceAgent?.host_name).toBe('simulated-practice-endpoint');
    expect((await fileAt(join(newUser.data, 'sample.txt'))).name).toBe('sample.txt');
    await client.agents.isolate({ hostName: 'simulated-practice-endpoint' });
    await client.agents.waitFor({ hostName: 'simulated-practice-endpoint' }, 'isolated', { timeoutSeconds: 60 });
    expect(await quickstart.end('SIGINT')).toBe(0);
    expect(newUser.processes()).toEqual([]);
    expect(readdirSync(newUser.temporary)).toEqual([]);
  });

  test('that cannot have its port says which one, and how to take another', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { port } = Object(taken.address());
    const env = { ...process.env, CORDON_DATA: newUser.data, CORDON_LISTEN: `127.0.0.1:${port}` };
    const user = root ? { uid: nobody, gid: nobody } : {};
    const child = spawn(process.execPath, [main], { env, ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`The server cannot listen at 127.0.0.1:${port} (CORDON_LISTEN)`);
    expect(stderr).toContain('Stop what listens there, or give CORDON_LISTEN another address.');
  });
});
