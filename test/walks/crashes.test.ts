/** The desired state survives crashes: whichever process is killed, an answered isolation is applied and stays until released. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../harness/privileged.ts';
import { databaseKinds } from '../harness/databases.ts';
import { neighbours } from '../harness/endpoint.ts';
import type { Endpoint } from '../harness/endpoint.ts';
import { eventually } from '../harness/eventually.ts';
import { Site } from './site.ts';

const hostName = 'client01';

// Skipped without root: the endpoint needs network namespaces.
describe.skipIf(!root).each(databaseKinds())('the desired state on $name', { timeout: 180_000 }, (kind) => {
  let site: Site;
  let endpoint: Endpoint;

  beforeAll(async () => {
    site = await Site.open(kind);
    endpoint = await site.managed(hostName);
  });

  afterAll(() => site.close());

  const crashes: Readonly<Record<string, () => Promise<void>>> = {
    enforcer: () => killPart('enforcer'),
    link: () => killPart('link'),
    server: async () => {
      await site.server.kill('SIGKILL');
      await site.startAgain();
    },
  };

  async function killPart(part: 'enforcer' | 'link'): Promise<void> {
    const pid = endpoint.pidOf(part);
    process.kill(pid, 'SIGKILL');
    await eventually(`${part} runs again`, () => endpoint.pidOf(part) !== pid || undefined);
  }

  /** Checks the kernel's tables and the traffic on the cable. */
  async function expectIsolated(): Promise<void> {
    endpoint.receivedPackets();
    expect(endpoint.tables()).toBe(3);
    const refused = await Promise.all(neighbours.map((address) => endpoint.talk(address).next({ event: 'failed' })));
    expect(refused.map((one) => one['code'])).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    expect(endpoint.receivedPackets().other).toBe(0);
  }

  async function expectRestorable(): Promise<void> {
    await site.restore(endpoint);
    expect(endpoint.rules()).toBe('');
    await Promise.all(neighbours.map((address) => endpoint.talk(address).next({ event: 'echo' })));
  }

  test('an endpoint that is offline when it should be isolated is isolated when it comes back', async () => {
    await endpoint.stop();
    const [answered] = await site.client.agents.isolate({ hostName });
    expect(answered?.isolation).toBe('normal');
    const [waiting] = await site.client.agents.list({ hostName });
    expect(waiting?.isolation).toBe('isolating');
    expect(endpoint.tables()).toBe(0);
    endpoint.run();
    await site.client.agents.waitFor({ hostName }, 'isolated', { timeoutSeconds: 60 });
    await expectIsolated();
    await expectRestorable();
  });

  test.each(Object.keys(crashes))('the %s killed as isolate is answered: the endpoint is isolated', async (what) => {
    const answered = await site.client.agents.isolate({ hostName });
    await crashes[what]?.();
    const [isolated] = await site.client.agents.waitFor({ hostName }, 'isolated', { timeoutSeconds: 60 });
    expect(isolated?.entityId).toBe(answered[0]?.entityId);
    await expectIsolated();
    await expectRestorable();
  });

  test.each(Object.keys(crashes))(
    'the %s killed while isolated: the kernel stays isolated, the agent reports again, release works',
    async (what) => {
      await site.isolate(endpoint);
      const before = (await site.details(endpoint))?.reportedAt ?? 0;
      const crash = crashes[what]?.();
      expect(endpoint.tables()).toBe(3);
      await crash;
      await expectIsolated();
      await eventually('the agent reports again', async () => {
        const details = await site.details(endpoint);
        return (details?.reportedAt ?? 0) > before || undefined;
      });
      expect((await site.arrival(endpoint)).isolation).toBe('isolated');
      await expectRestorable();
    },
  );

  test('flushing every rule on the endpoint does not end its isolation', async () => {
    await site.isolate(endpoint);
    endpoint.host.run('nft', 'flush', 'ruleset');
    await expectIsolated();
    expect((await site.arrival(endpoint)).isolation).toBe('isolated');
    await expectRestorable();
  });
});
