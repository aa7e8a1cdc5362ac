/** The overview: what is isolated now, by which requester, and the measured times, on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagingServerList, Overview } from '@cordon/protocol/console';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { Person } from './person.ts';
import { Site } from './site.ts';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let person: Person;

  beforeAll(async () => {
    site = await Site.open(kind);
    person = await Person.signIn(site.server);
  });
  afterAll(() => site.close());

  const overview = async (query = ''): Promise<Overview> => {
    const answer = await person.call({ method: 'GET', path: `/api/v1/overview${query}` });
    expect(answer.status).toBe(200);
    const shown: Overview = JSON.parse(answer.text);
    return shown;
  };

  it('counts a fleet that nothing has happened to', async () => {
    await site.enrol();
    const { now, isolated, fleet, latency } = await overview();
    expect(now).toEqual({ agents: 1, online: 0, isolated: 0, isolating: 0, waiting: 0 });
    expect(isolated).toEqual([]);
    expect(latency).toEqual([]);
    expect(fleet).toHaveLength(1);
  });

  it('says what is isolated, who requested it, and how long it took to be proved', async () => {
    const agent = await site.connected();
    await agent.report();
    await site.console.acts.perform({ act: 'isolate', selector: { entityId: agent.id }, forSeconds: 600 });
    await agent.ordered();
    expect((await overview()).now).toMatchObject({ isolated: 0, isolating: 1 });
    await agent.report({ isolation: 'isolated' });
    const shown = await eventually('the latency is written', async () => {
      const answer = await overview();
      return answer.latency.length > 0 ? answer : undefined;
    });
    expect(shown.now).toEqual({ agents: 2, online: 1, isolated: 1, isolating: 0, waiting: 0 });
    expect(shown.isolated).toMatchObject([
      { agent: agent.id, isolation: 'isolated', requestedBy: 'user:admin', deadline: expect.any(Number) },
    ]);
    const [latency] = shown.latency;
    expect(latency).toMatchObject({ count: 1, p50: latency?.p99 });
    expect(shown.bucket % 60_000).toBe(0);
  });

  it('answers for a span that nothing is known of', async () => {
    const shown = await overview('?since=1000&until=2000');
    expect(shown.fleet).toEqual([]);
    expect(shown.latency).toEqual([]);
  });

  it('lists the managing servers, and which of them answers', async () => {
    const answer = await person.call({ method: 'GET', path: '/api/v1/servers' });
    const { servers }: ManagingServerList = JSON.parse(answer.text);
    expect(servers).toMatchObject([{ current: true, alive: true, fingerprint: site.server.fingerprint }]);
    expect(servers[0]?.gateways).toEqual(['127.0.0.1:8443']);
  });
});
