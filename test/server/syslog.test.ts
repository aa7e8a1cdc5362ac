/** Syslog with a real rsyslog: everything arrives, each event as one line, whatever the collector does. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SyslogSettings } from '@cordon/protocol/console';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { Rsyslog, hasRsyslog } from './rsyslog.ts';
import { Site } from './site.ts';
import type { FakeAgent } from './fake-agent.ts';

const hostile = 'pc|1=\\ cs1=x\r\n<13>1 - - - - - CEF:0|\u0085\u2028\t\u0001é漢';

/** Ids in the lines of `command.done`, once there are so many different ones. */
function ids(from: Rsyslog, count: number): Promise<number[]> {
  return eventually(`${count} events are in the collector's file`, async () => {
    const found = (await from.lines()).map((line) => Number(/ externalId=(\d+) /.exec(line)?.[1]));
    return new Set(found).size >= count ? found : undefined;
  });
}

// Left out without rsyslog, which CI installs.
describe.skipIf(!hasRsyslog()).each(databaseKinds())('syslog on $name (left out without rsyslog)', (kind) => {
  let site: Site;
  let agent: FakeAgent;
  let collector: Rsyslog | undefined;
  beforeAll(async () => {
    site = await Site.open(kind);
    agent = await site.enrol({}, hostile);
    await agent.connect(site.server);
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    await agent.obey();
    const { webhook } = await site.console.webhooks.add({ name: 'counter', url: 'https://localhost/', enabled: false });
    await eventually('its event is in its place', async () => {
      const { events } = await site.console.webhooks.replay(webhook.id, { since: 0 });
      return events > 0 ? true : undefined;
    });
  });
  afterAll(() => site.close());
  afterEach(async () => {
    await site.console.syslog.remove();
    await collector?.remove();
  });

  async function collect(protocol: 'tcp' | 'tls', change: Partial<SyslogSettings> = {}): Promise<Rsyslog> {
    collector = await Rsyslog.start(protocol);
    const { port, ca } = collector;
    const settings = { host: '127.0.0.1', port, protocol, ca, kinds: [], audit: false, facility: 16, ...change };
    await site.console.syslog.set(settings);
    return collector;
  }

  /** So many events: a command whose state is already applied is done at once. */
  async function happen(count: number): Promise<void> {
    for (let done = 0; done < count; done += 1) await site.act('cmd_isolate_agent', { entity_id: agent.id });
  }

  it.each(['tcp', 'tls'] as const)(
    'arrives over %s, in order, each event as one line, hostile names too',
    async (protocol) => {
      const rsyslog = await collect(protocol);
      await happen(25);
      const found = await ids(rsyslog, 25);
      expect(found).toEqual([...new Set(found)].sort((one, other) => one - other));
      const lines = await rsyslog.lines();
      expect(lines).toHaveLength(25);
      for (const line of lines) {
        expect(line).toMatch(
          /^command\.done [!-~]+ CEF:0\|Cordon\|Cordon\|\d+\.\d+\.\d+\|command\.done\|isolate done\|5\|rt=\d+ /,
        );
        expect(line).toContain(
          String.raw` dvchost=pc|1\=\\ cs1\=x\r\n<13>1 - - - - - CEF:0|    é漢 deviceExternalId=${agent.id} `,
        );
      }
      const { state } = await site.console.syslog.get();
      expect(state).toMatchObject({ connected: true, lastError: null });
    },
  );

  it.each(['tcp', 'tls'] as const)(
    'loses nothing over %s when the collector is killed and comes back',
    async (protocol) => {
      const rsyslog = await collect(protocol);
      await happen(10);
      await ids(rsyslog, 10);
      const sending = happen(40);
      await ids(rsyslog, 20);
      await rsyslog.kill();
      await sending;
      await happen(5);
      const down = await eventually('the console says so', async () => {
        const { state } = await site.console.syslog.get();
        return state?.connected === false && state.lastError !== null ? state : undefined;
      });
      expect(down.behind).toBeGreaterThan(0);
      await rsyslog.run();
      const found = await ids(rsyslog, 55);
      const different = [...new Set(found)].sort((one, other) => one - other);
      expect(different).toHaveLength(55);
      expect((different.at(-1) ?? 0) - (different[0] ?? 0)).toBe(54);
    },
  );

  it('holds the lines of the audit where that is wanted', async () => {
    const rsyslog = await collect('tcp', { audit: true, kinds: ['test'] });
    await happen(3);
    const lines = await eventually('four lines are there', async () => {
      const found = await rsyslog.lines();
      return found.length >= 4 ? found : undefined;
    });
    const acts = lines.map((line) => /^audit [!-~]+ CEF:0\|Cordon\|Cordon\|[\d.]+\|([a-z-]+)\|/.exec(line)?.[1]);
    expect(acts.slice(0, 4)).toEqual(['set-syslog', 'isolate', 'isolate', 'isolate']);
  });

  it('refuses a collector whose certificate leads elsewhere, and says so', async () => {
    const rsyslog = await collect('tls', { ca: null });
    expect(await site.console.syslog.test()).toMatchObject({
      sent: false,
      error: expect.stringContaining('self-signed'),
    });
    await happen(1);
    const failed = await eventually('the console says so', async () => {
      const { state } = await site.console.syslog.get();
      return state?.lastError === null ? undefined : state;
    });
    expect(failed).toMatchObject({ connected: false, lastError: expect.stringContaining('self-signed') });
    expect(await rsyslog.lines()).toEqual([]);
  });

  it('is tried with one line', async () => {
    const rsyslog = await collect('tls');
    expect(await site.console.syslog.test()).toEqual({ sent: true, error: null });
    const [line] = await eventually('it is there', async () => {
      const lines = await rsyslog.lines();
      return lines.length > 0 ? lines : undefined;
    });
    expect(line).toContain('|test|Test|1|');
    expect(line).toContain('suser=user:admin');
  });
});
