/** Two server processes on one PostgreSQL: a change at one applies at the other, at once. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quickest } from '../harness/timing.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { DatabaseKind, FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { detection } from './object-samples.ts';
import { FakeAgent, factsOf } from './fake-agent.ts';
import { openLiveStream } from './live-stream.ts';
import { administrator } from './callers.ts';
import { Site, agentsPath, contentOf, objectsPath, serversPath } from './site.ts';
import { call } from './wire.ts';
import type { Keys } from './wire.ts';

const masterKey = randomBytes(32).toString('base64');
/** Nodes check every two seconds for what they missed, so anything sooner arrived by notice. */
const byNotice = 1000;

const postgres = databaseKinds().find((kind) => kind.name === 'PostgreSQL');

// Left out without PostgreSQL: SQLite has one node (postgres-cluster.ts says so once, and CI fails without).
describe.skipIf(postgres === undefined)('two nodes (left out where PostgreSQL is not installed)', () => {
  let database: FreshDatabase;
  let site: Site;
  let second: TestServer;

  beforeAll(async () => {
    database = await (postgres?.make() ?? Promise.reject(new Error('There is no PostgreSQL.')));
    const shared: DatabaseKind = { name: 'PostgreSQL', make: async () => database };
    site = await Site.open(shared, { CORDON_MASTER_KEY: masterKey });
    second = await startServer({
      database: database.address,
      environment: { CORDON_MASTER_KEY: masterKey, CORDON_ADVERTISE: '127.0.0.1:8444' },
    });
  });
  afterAll(async () => {
    await second.stop();
    await site.close();
  });

  async function seen(server: TestServer, agent: FakeAgent): Promise<Record<string, unknown>> {
    const answer = await call(server, site.keys, { method: 'GET', path: `${agentsPath}?entity_id=${agent.id}` });
    return contentOf(answer)[0] ?? {};
  }

  function online(server: TestServer, agent: FakeAgent): Promise<unknown> {
    return eventually('the agent is online', async () =>
      (await seen(server, agent))['connection_status'] === 'Online' ? true : undefined,
    );
  }

  /** An agent that enrolled at the first node and is connected to the second. */
  async function atSecond(): Promise<FakeAgent> {
    const { token } = await site.console.enrolment.addToken({});
    const agent = await FakeAgent.enrol(site.server, token, factsOf(site.newName()));
    await agent.connect(second);
    return agent;
  }

  it('isolate and restore an agent at the one by calls to the other, by notice and not by the next look', async () => {
    const agent = await atSecond();
    const took = await quickest(byNotice, async () => {
      expect((await site.act('cmd_isolate_agent', { entity_id: agent.id })).status).toBe(200);
      expect(await agent.ordered()).toMatchObject({ isolation: 'isolated' });
      const asked = performance.now();
      expect((await site.act('cmd_restore_isolated_agent', { entity_id: agent.id })).status).toBe(200);
      expect(await agent.ordered()).toMatchObject({ isolation: 'normal' });
      return performance.now() - asked;
    });
    expect(took).toBeLessThan(byNotice);
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    expect(await agent.ordered()).toMatchObject({ isolation: 'isolated' });
    await agent.report({ isolation: 'isolated' });
    for (const server of [site.server, second]) {
      expect(await seen(server, agent)).toMatchObject({ isolation_status: 'isolated' });
    }
  });

  it('close a live stream at one node when its session ends at the other', async () => {
    const admin = await administrator(site.server);
    const looking = await openLiveStream(second, admin);
    expect((await admin.call('DELETE', '/api/v1/session')).status).toBe(204);
    await looking.over();
  });

  it('both say that an agent is online, wherever it is connected', async () => {
    const agent = await atSecond();
    expect(await online(second, agent)).toBe(true);
    expect(await online(site.server, agent)).toBe(true);
  });

  it('agree that an agent which moved from the one to the other is online', async () => {
    const agent = await site.connected();
    await online(second, agent);
    const before = agent.channel;
    await agent.connect(second);
    await before.close();
    // The first node writes that its channel is closed, the second that it has one, in either order.
    const other = await site.connected();
    await online(second, other);
    expect(await seen(site.server, agent)).toMatchObject({ connection_status: 'Online' });
    expect(await seen(second, agent)).toMatchObject({ connection_status: 'Online' });
  });

  it('order an agent at the one by a change of its group at the other, with the settings that were changed', async () => {
    const objects = site.console;
    await objects.groups.put('shared', {});
    const agent = await atSecond();
    await objects.agents.moveToGroup(agent.id, 'shared');
    expect((await agent.ordered()).objects).toMatchObject({ group: 'shared', onAccess: 'off' });
    for (const onAccess of ['log', 'enforce', 'off'] as const) {
      await objects.groups.put('shared', { onAccess });
      expect((await agent.ordered()).objects).toMatchObject({ group: 'shared', onAccess });
    }
  });

  it('send a task, and that it is cancelled, to an agent at the other', async () => {
    const objects = site.console;
    const agent = await atSecond();
    const work = { kind: 'sweep', act: false, roots: null } as const;
    const task = await objects.tasks.add({ work, selector: { entityId: agent.id } });
    expect((await agent.asked()).task).toBe(task.id);
    await agent.progress(task.id, { state: 'running', files: 4 });
    expect((await objects.tasks.get(task.id)).task).toMatchObject({ running: 1, files: 4 });
    await objects.tasks.cancel(task.id);
    expect((await agent.asked()).work).toEqual({ kind: 'cancel', task: task.id });
  });

  it('store a detection once that both receive', async () => {
    const objects = site.console;
    const agent = await site.connected();
    await agent.detect(detection(1), detection(2));
    await agent.channel.close();
    await agent.connect(second);
    await agent.detect(detection(1), detection(2), detection(3));
    const { detections } = await objects.detections.list({ agent: agent.id });
    expect(detections.map((one) => one.sequence)).toEqual([3, 2, 1]);
  });

  it('announce a change of the objects to agents of both', async () => {
    const [here, there] = [await site.connected(), await atSecond()];
    const param = { type: 'ip', content: '198.51.100.77', scan_action: 'block' };
    expect((await site.send('PUT', objectsPath, { param })).status).toBe(200);
    const { revision } = await here.channel.next('objects-changed');
    expect((await there.channel.next('objects-changed')).revision).toBe(revision);
  });

  it('know an application that was added at the one, and refuse it once it is disabled or removed', async () => {
    const made = await site.console.applications.add({ name: 'shared' });
    const keys: Keys = { applicationId: made.application.id, apiKey: made.apiKey };
    const codeAt = async (server: TestServer): Promise<number> => {
      const answer = await call(server, keys, { method: 'GET', path: serversPath });
      return JSON.parse(answer.text).result_code;
    };
    const both = async (code: number): Promise<void> => {
      expect(await codeAt(site.server)).toBe(code);
      await eventually(`the second node answers ${code}`, async () =>
        (await codeAt(second)) === code ? true : undefined,
      );
    };
    await both(1);
    await site.console.applications.change(keys.applicationId, { enabled: false });
    await both(-5);
    await site.console.applications.change(keys.applicationId, { enabled: true });
    await both(1);
    await site.console.applications.rotate(keys.applicationId);
    await both(-7);
    await site.console.applications.remove(keys.applicationId);
    await both(-5);
  });

  it('list one another, and name the new home first to an agent that is relocated', async () => {
    const listed = await eventually('both nodes are listed', async () => {
      const found = contentOf(await site.get(serversPath));
      return found.length === 2 ? found : undefined;
    });
    const agent = await atSecond();
    for (const server of listed) {
      const change = { relocate_to_server_id: server['entity_id'] };
      await site.act('cmd_relocate_agent', { entity_id: agent.id, ...change });
      const { gateways } = await agent.ordered();
      expect(gateways).toHaveLength(2);
      expect(gateways[0]?.server).toBe(server['entity_id']);
    }
  });

  it('go on when one of them stops: its agents hear of it, and are ordered by the other', async () => {
    const data = { CORDON_MASTER_KEY: masterKey, CORDON_ADVERTISE: '127.0.0.1:8445' };
    const third = await startServer({ database: database.address, environment: data });
    const agent = await site.enrol();
    await agent.connect(third);
    await third.stop();
    expect(await third.ended).toBe(0);
    expect(await agent.channel.ended).toEqual({ code: 1001, word: 'stopping' });
    await agent.connect(site.server);
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    for (let order = await agent.ordered(); order.isolation !== 'isolated'; order = await agent.ordered());
    await agent.report({ isolation: 'isolated' });
    expect(await seen(second, agent)).toMatchObject({ isolation_status: 'isolated' });
  });
});
