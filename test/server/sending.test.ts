/** The sending itself, on a clock that a test sets: a day of failures, a month of retention, commits out of order. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { recordEvent } from '../../packages/server/src/delivery/record-event.ts';
import { Notifications } from '../../packages/server/src/notifications/notifications.ts';
import { Sealer } from '../../packages/server/src/secrets/sealing.ts';
import { deliveriesOf } from '../../packages/server/src/webhooks/queries.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { Receiver, takes } from './receiver.ts';

const day = 86_400_000;
const actor = { name: 'user:admin', source: '127.0.0.1', requestId: 'r1' };

describe.each(databaseKinds())('sending on $name', (kind) => {
  let fresh: FreshDatabase;
  let database: Database;
  let audit: Audit;
  let notifications: Notifications;
  let webhookRows: SlowWebhooks;
  let receiver: Receiver;
  let now: number;
  beforeEach(async () => {
    now = Date.UTC(2026, 10, 22);
    fresh = await kind.make();
    database = await openDatabase(fresh.address);
    audit = new Audit(database, () => now);
    const sealer = new Sealer(randomBytes(32));
    webhookRows = new SlowWebhooks();
    notifications = new Notifications({
      database: { ...database, read: database.read.withPlugin(webhookRows) },
      sealer,
      audit,
      now: () => now,
      version: '0.1.0',
      allowPrivate: true,
    });
    receiver = await Receiver.open();
    notifications.start();
  });
  afterEach(async () => {
    webhookRows.release();
    await notifications.close();
    await receiver.close();
    await audit.close();
    await database.close();
    await fresh.remove();
  });

  function tampering(count: number): Parameters<typeof recordEvent>[1] {
    return { kind: 'endpoint.tampering', at: now, body: { agent: 'a', hostName: 'client01', count } };
  }

  async function add(): Promise<string> {
    const desired = { name: 'soar', url: receiver.url, ca: receiver.ca };
    return (await notifications.webhooks.add(actor, desired)).webhook.id;
  }

  /** Waits for so many calls with a stored outcome. */
  function kept(id: string, count: number): Promise<true> {
    return eventually(`${count} calls are kept`, async () =>
      (await notifications.webhooks.deliveries(id)).length >= count ? true : undefined,
    );
  }

  it('says after a day of failures that a webhook is failing, once, and still tries it', async () => {
    const id = await add();
    receiver.behave = (_request, response) => response.writeHead(500).end();
    await database.write((tx) => recordEvent(tx, tampering(1)));
    await receiver.got(1, 'endpoint.tampering');
    await kept(id, 1);
    now += day + 1;
    await kept(id, 2);
    now += day;
    await kept(id, 3);
    expect((await notifications.webhooks.list()).map((hook) => hook.state)).toEqual(['failing']);
    now += day;
    receiver.behave = takes;
    const [event] = await receiver.got(1, 'webhook.failing');
    expect(event?.data).toEqual({ id, name: 'soar', error: 'The receiver answered 500.' });
    await eventually('it works', async () => {
      const [hook] = await notifications.webhooks.list();
      return hook?.state === 'working' ? true : undefined;
    });
    const lines = await audit.list(undefined, 20);
    expect(lines.filter((line) => line.outcome === 'failing')).toMatchObject([
      { actor: 'server', act: 'webhook', target: `${id} (soar)` },
    ]);
  });

  it('calls once, though the call ends while the next round has the webhook from before it', async () => {
    const id = await add();
    const accepted = Promise.withResolvers<void>();
    receiver.behave = (...call) => void accepted.promise.then(() => takes(...call));
    await database.write((tx) => recordEvent(tx, tampering(1)));
    await receiver.got(1, 'endpoint.tampering');
    await webhookRows.hold();
    accepted.resolve();
    await eventually('the call is recorded', async () => (await deliveriesOf(database.read, id))[0]);
    await setTimeout(50);
    webhookRows.release();
    await database.write((tx) => recordEvent(tx, tampering(2)));
    const calls = await receiver.got(2, 'endpoint.tampering');
    expect(calls.map((call) => call.data['count'])).toEqual([1, 2]);
  });

  it('sends nothing that was rolled back', async () => {
    await add();
    const failing = database.write(async (tx) => {
      await recordEvent(tx, tampering(1));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await database.write((tx) => recordEvent(tx, tampering(2), tampering(3)));
    const calls = await receiver.got(2, 'endpoint.tampering');
    expect(calls.map((call) => call.data['count'])).toEqual([2, 3]);
  });

  // SQLite has one writer: there a later transaction cannot commit first.
  // oxlint-disable-next-line vitest/no-conditional-tests -- and a test that is left out would look like a gap
  if (kind.name === 'PostgreSQL') {
    it('misses nothing that was announced first and committed last', async () => {
      await add();
      const announced = Promise.withResolvers<void>();
      const committing = Promise.withResolvers<void>();
      const slow = database.write(async (tx) => {
        await recordEvent(tx, tampering(1));
        announced.resolve();
        await committing.promise;
      });
      await announced.promise;
      await database.write((tx) => recordEvent(tx, tampering(2)));
      await receiver.got(1, 'endpoint.tampering');
      committing.resolve();
      await slow;
      const calls = await receiver.got(2, 'endpoint.tampering');
      expect(calls.map((call) => call.data['count'])).toEqual([2, 1]);
    });
  }

  it('forgets what is older than thirty days', async () => {
    const id = await add();
    await database.write((tx) => recordEvent(tx, tampering(1)));
    await receiver.got(1, 'endpoint.tampering');
    now += 31 * day;
    await database.write((tx) => recordEvent(tx, tampering(2)));
    await receiver.got(2, 'endpoint.tampering');
    const left = await eventually('the first one is gone', async () => {
      const { events } = await notifications.webhooks.replay(actor, id, { since: 0 });
      return events === 1 ? events : undefined;
    });
    expect(left).toBe(1);
  });
});

/** Holds rows of webhooks back on their way from the database. */
class SlowWebhooks implements KyselyPlugin {
  #held = Promise.withResolvers<void>();
  #gate: Promise<void> | undefined;
  #open: () => void = () => {};

  /** Holds the rows of the next read; resolves when they are held. */
  hold(): Promise<void> {
    const gate = Promise.withResolvers<void>();
    this.#gate = gate.promise;
    this.#open = gate.resolve;
    return this.#held.promise;
  }

  release(): void {
    this.#gate = undefined;
    this.#open();
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    if (this.#gate !== undefined && result.rows.some((row) => 'sealed_secret' in row)) {
      this.#held.resolve();
      await this.#gate;
    }
    return result;
  }
}
