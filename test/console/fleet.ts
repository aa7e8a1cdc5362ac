/** A server with a small fleet of simulated agents, some with hostile names, for browser tests. */
import type { Browser } from 'playwright-core';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { FakeAgent, factsOf } from '../server/fake-agent.ts';
import { Person } from '../server/person.ts';
import { openBrowser } from './browser.ts';

/** Markup and a formula in what an endpoint reports about itself. */
export const hostileName = '<img src=x onerror="globalThis.hacked=1">';
export const formulaName = '=cmd|calc!A1';

export class Fleet {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly person: Person;
  readonly agents: readonly FakeAgent[];

  private constructor(parts: { server: TestServer; browser: Browser; person: Person; agents: FakeAgent[] }) {
    this.server = parts.server;
    this.browser = parts.browser;
    this.person = parts.person;
    this.agents = parts.agents;
  }

  static async open(): Promise<Fleet> {
    const environment = { CORDON_ADVERTISE: '127.0.0.1:8443' };
    const [server, browser] = await Promise.all([startServer({ environment }), openBrowser()]);
    const person = await Person.signIn(server);
    const { token } = await (await server.console()).enrolment.addToken({ uses: 1000 });
    const agents: FakeAgent[] = [];
    for (const [name, change] of members) agents.push(await FakeAgent.enrol(server, token, factsOf(name, change)));
    for (const agent of agents.slice(0, 5)) await obeying(server, agent);
    return new Fleet({ server, browser, person, agents });
  }

  /** The agent with a host name. */
  agent(name: string): FakeAgent {
    const found = this.agents.find((one) => one.facts.hostName === name);
    if (found === undefined) throw new Error(`No agent is called ${name}.`);
    return found;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}

/** Connects an agent that applies its desired state until it is disconnected. */
async function obeying(server: TestServer, agent: FakeAgent): Promise<void> {
  const channel = await agent.connect(server);
  await agent.report();
  const obey = async (): Promise<void> => {
    for (;;) await agent.obey();
  };
  obey().catch(() => channel.close());
}

const members: readonly (readonly [string, Parameters<typeof factsOf>[1]])[] = [
  ['web-01', { addresses: ['10.1.0.1', 'fd00::1'], macs: ['00-60-59-A4-70-01'], folder: 'Workgroup\\Paris' }],
  ['web-02', { addresses: ['10.1.0.2'], macs: ['00-60-59-A4-70-02'], folder: 'Workgroup\\Paris' }],
  ['db-01', { addresses: ['10.2.0.1'], macs: ['00-60-59-A4-70-03'], folder: 'Workgroup\\Oslo' }],
  [hostileName, { addresses: ['10.3.0.1'], folder: hostileName, platform: hostileName }],
  [formulaName, { addresses: ['10.3.0.2'], folder: '+1+1' }],
  ['laptop-07', { addresses: ['10.4.0.7'], folder: 'Workgroup\\Away' }],
  ['printer', { addresses: ['10.4.0.8'], canIsolate: false }],
];
