/** Two nodes on one PostgreSQL: one of them sends, and the other continues when that one dies. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import type { DatabaseKind, FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import type { FakeAgent } from './fake-agent.ts';
import { Receiver } from './receiver.ts';
import { Site, agentsPath } from './site.ts';
import { call } from './wire.ts';

const postgres = databaseKinds().find((kind) => kind.name === 'PostgreSQL');

// Left out without PostgreSQL: SQLite has one node (postgres-cluster.ts says so once, and CI fails without).
describe.skipIf(postgres === undefined)('two nodes (left out where PostgreSQL is not installed)', () => {
  let database: FreshDatabase;
  let site: Site;
  let second: TestServer;
  let receiver: Receiver;
  let agent: FakeAgent;

  beforeAll(async () => {
    database = await (postgres?.make() ?? Promise.reject(new Error('There is no PostgreSQL.')));
    const shared: DatabaseKind = { name: 'PostgreSQL', make: async () => database };
    const masterKey = randomBytes(32).toString('base64');
    site = await Site.open(shared, { CORDON_MASTER_KEY: masterKey });
    second = await startServer({
      database: database.address,
      environment: { CORDON_MASTER_KEY: masterKey, CORDON_ADVERTISE: '127.0.0.1:8444' },
    });
    receiver = await Receiver.open();
    agent = await site.connected();
    await site.console.webhooks.add({ name: 'soar', url: receiver.url, ca: receiver.ca });
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    await agent.obey();
    await delivered(1);
  });
  afterAll(async () => {
    await receiver.close();
    await second.stop();
    await site.close();
  });

  /** So many events at one node: a command whose state is already applied is done at once. */
  async function happen(at: TestServer, count: number): Promise<void> {
    const body = JSON.stringify({ act: 'cmd_isolate_agent', allow_multiple_match: true, entity_id: agent.id });
    for (let done = 0; done < count; done += 1) {
      const answer = await call(at, site.keys, { method: 'POST', path: agentsPath, body });
      expect(answer.status).toBe(200);
    }
  }

  /** Ids of the commands sent, once `count` of them have arrived. */
  function delivered(count: number): Promise<unknown[]> {
    return eventually(`${count} commands were sent`, () => {
      const commands = receiver.calls.map((one) => one.data['id']);
      return new Set(commands).size >= count ? commands : undefined;
    });
  }

  it('send each event once while both run, whichever of them recorded it', async () => {
    await Promise.all([happen(site.server, 20), happen(second, 20)]);
    const commands = await delivered(41);
    expect(new Set(commands).size).toBe(commands.length);
    expect(receiver.ids).toEqual(receiver.ids.toSorted((one, other) => one - other));
  });

  it('continue when the sending node is killed, and lose nothing', async () => {
    await happen(second, 5);
    await site.server.kill('SIGKILL');
    await happen(second, 10);
    // The other node has watched the lease for ten seconds by now.
    await delivered(56);
    const ids = [...new Set(receiver.ids)];
    expect(ids).toEqual(ids.toSorted((one, other) => one - other));
  }, 180_000);
});
