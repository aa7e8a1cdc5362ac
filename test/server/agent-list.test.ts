/** The console's list of agents and its live events, over the wire on both databases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentPage } from '@cordon/protocol/console';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { FakeAgent, factsOf } from './fake-agent.ts';
import { openLiveStream } from './live-stream.ts';
import { Person } from './person.ts';
import { Site } from './site.ts';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let person: Person;
  let agents: FakeAgent[];

  beforeAll(async () => {
    site = await Site.open(kind);
    person = await Person.signIn(site.server);
    const { token } = await site.console.enrolment.addToken({ uses: 100 });
    const enrol = (name: string, change: Parameters<typeof factsOf>[1]): Promise<FakeAgent> =>
      FakeAgent.enrol(site.server, token, factsOf(name, change));
    agents = [
      await enrol('web-2', { addresses: ['10.0.0.2'], macs: ['00-60-59-A4-70-2D'], folder: 'Workgroup\\Paris' }),
      await enrol('Web-1', { addresses: ['10.0.0.1', 'fd00::1'], folder: 'Workgroup\\Paris\\Lab' }),
      await enrol('db_%01', { addresses: ['192.0.2.7'], folder: 'Workgroup\\Oslo' }),
      await enrol('printer', { canIsolate: false }),
    ];
  });
  afterAll(() => site.close());

  const list = async (query: string): Promise<AgentPage> => {
    const answer = await person.call({ method: 'GET', path: `/api/v1/agents?${query}` });
    expect(answer.status).toBe(200);
    const page: AgentPage = JSON.parse(answer.text);
    return page;
  };
  const names = async (query: string): Promise<string[]> => (await list(query)).agents.map((one) => one.hostName);

  it('lists everybody in the order of their names, whatever their letter case, and says how many they are', async () => {
    const page = await list('');
    expect(page.total).toBe(4);
    expect(page.agents.map((one) => one.hostName)).toEqual(['db_%01', 'printer', 'Web-1', 'web-2']);
    expect(await names('offset=1&limit=2')).toEqual(['printer', 'Web-1']);
    expect(await names('offset=9')).toEqual([]);
  });

  it.each([
    ['a part of a name', 'search=EB-', ['Web-1', 'web-2']],
    ['an IPv4 address', 'search=10.0.0.1', ['Web-1']],
    ['an IPv6 address', 'search=fd00::1', ['Web-1']],
    ['a MAC address with dashes', 'search=00-60-59', ['web-2']],
    ['a MAC address with colons', 'search=a4:70:2d', ['web-2']],
    ['a folder', 'search=paris', ['Web-1', 'web-2']],
    ['several words, all of which must occur', 'search=web%20lab', ['Web-1']],
    ['characters that mean something to databases', 'search=_%25', ['db_%01']],
    ['what nobody has', 'search=nobody', []],
  ])('finds agents by %s', async (_what, query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('narrows by isolation as it is derived, and by presence', async () => {
    expect(await names('isolation=unsupported')).toEqual(['printer']);
    expect(await names('isolation=isolated,isolating')).toEqual([]);
    const [web] = agents;
    await web?.connect(site.server);
    await web?.report();
    await eventually('one is online', async () => (await names('online=true')).length === 1 || undefined);
    expect(await names('online=true')).toEqual(['web-2']);
    expect(await names('online=false&isolation=normal')).toEqual(['db_%01', 'Web-1']);
    await site.act('cmd_isolate_agent', { host_name: 'web-2' });
    await eventually('web-2 is isolating', async () => (await names('isolation=isolating'))[0]);
    await web?.ordered();
    await web?.report({ isolation: 'isolated' });
    await eventually('web-2 is isolated', async () => (await names('isolation=isolated'))[0]);
    expect(await names('isolation=isolating')).toEqual([]);
  });

  it('finds a moved agent by its new folder, and a removed one no more', async () => {
    await site.act('cmd_relocate_agent', { host_name: 'db_%01', relocate_to_folder_path: 'Archive' });
    expect(await eventually('it is found there', async () => (await names('search=archive'))[0])).toBe('db_%01');
    const [, , , printer] = agents;
    await person.call({ method: 'DELETE', path: `/api/v1/agents/${printer?.id}` });
    await eventually('it is gone', async () => ((await names('')).includes('printer') ? undefined : true));
  });

  it('refuses a filter that is none', async () => {
    const answer = await person.call({ method: 'GET', path: '/api/v1/agents?isolation=melted' });
    expect(answer.status).toBe(400);
  });

  it('sends live pages which agents have changed', async () => {
    const stream = await openLiveStream(site.server, person);
    await site.act('cmd_restore_isolated_agent', { host_name: 'web-2' });
    const id = agents[0]?.id ?? '';
    const event = await stream.next((one) => one.kind === 'agents' && one.ids.includes(id));
    expect(event.ids).toContain(id);
    expect(await stream.next((one) => one.kind === 'commands')).toEqual({ kind: 'commands', ids: [] });
    stream.close();
  });

  it('sends live pages that a task was requested, and that an agent made progress', async () => {
    const asked = await openLiveStream(site.server, person);
    const objects = site.console;
    const task = await objects.tasks.add({ work: { kind: 'sweep', act: false, roots: null } });
    expect(await asked.next((one) => one.kind === 'tasks')).toEqual({ kind: 'tasks', ids: [] });
    asked.close();
    const further = await openLiveStream(site.server, person);
    await agents[0]?.progress(task.id, { state: 'running', files: 7 });
    expect(await further.next((one) => one.kind === 'tasks')).toEqual({ kind: 'tasks', ids: [] });
    expect((await objects.tasks.get(task.id)).task.files).toBe(7);
    further.close();
  });
});
