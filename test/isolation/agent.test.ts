/** The whole agent where isolation must be safe: deadlines, codes, people, tampering, and a reboot. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { agentProgram, testProgram, temporaryFolder } from '../agent/paths.ts';
import { root } from '../harness/privileged.ts';
import { whileItLasts } from '../harness/timing.ts';
import { Site } from './site.ts';

const code = '7K3M-Q0VD-WX1Z';
const stray = { do: 'udp', to: '10.9.0.3', port: 9000 } as const;

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('an agent whose isolation is safe to hold', { timeout: 180_000 }, () => {
  let site: Site;
  let folder: ReturnType<typeof temporaryFolder>;
  let gateway: JsonProcess;
  let agent: JsonProcess;

  beforeEach(async () => {
    folder = temporaryFolder();
    site = await Site.make({ gateway: false });
    const program = testProgram('gateway.ts');
    gateway = site.network.start(process.execPath, [program, '10.9.0.1', '8443']);
    const { token } = await gateway.next({ event: 'listening' });
    const ended = await start('enrol', String(token)).exited;
    if (ended !== 0) throw new Error(`Enrolling ended with ${ended}.`);
    agent = start('run', '--with-parent');
    await gateway.next({ event: 'report', epoch: 1, isolation: 'normal' });
  });

  afterEach(async () => {
    await stop();
    site.close();
    folder.remove();
  });

  function start(...args: string[]): JsonProcess {
    return site.endpoint.start(process.execPath, [agentProgram, ...args], {
      environment: environment(),
      from: 'stderr',
    });
  }

  function environment(): Record<string, string> {
    return {
      CORDON_AGENT_STATE: join(folder.path, 'state'),
      CORDON_AGENT_USER: 'nobody',
      CORDON_AGENT_MOTD: motd(),
    };
  }

  function motd(): string {
    return join(folder.path, 'motd.d', 'cordon');
  }

  async function stop(): Promise<void> {
    agent.child.stdin?.end();
    await agent.exited;
  }

  function isolate(desired: Event = {}, more: Event = {}): Promise<Event> {
    const command = { do: 'want', desired: { isolation: 'isolated', ...desired }, ...more };
    return gateway.request(command, { event: 'report', isolation: 'isolated' });
  }

  function status(): Event {
    const words = Object.entries(environment()).map(([name, value]) => `${name}=${value}`);
    return JSON.parse(site.endpoint.run('env', ...words, process.execPath, agentProgram, 'status', '--json'));
  }

  test('its deadline restores it, server or not', async () => {
    const { seen, endsAt: deadline } = await whileItLasts(async (endsAt) => {
      const { epoch } = await isolate({ deadline: endsAt });
      return { epoch, count: await site.count('endpoint', stray) };
    });
    expect(seen.count).toEqual({ stray: 0, spoken: 0 });
    const report = await gateway.next({ event: 'report', isolation: 'normal', epoch: seen.epoch });
    expect(report).toMatchObject({ problem: null, released: { by: 'deadline' } });
    expect(Object(report['released']).at).toBeGreaterThanOrEqual(deadline);
    expect(await site.passing('endpoint', stray)).toBeGreaterThan(0);
    expect(status()).toMatchObject({
      desired: { deadline, released: { by: 'deadline' } },
      kernel: { isolation: 'normal' },
    });
  });

  test('a code restores it at the endpoint without any network, once, and the report follows when the network is back', async () => {
    await isolate({}, { code });
    site.endpoint.ip('link set eth0 down');
    const wrong = start('restore', '--code', '7K3M-Q0VD-WX10');
    expect(await wrong.exited).toBe(1);
    expect(JSON.stringify(wrong.eventsLike({}))).toContain('This code is wrong');
    const right = start('restore', '--code', '7k3m q0vd wx1z');
    expect(await right.exited).toBe(0);
    expect(JSON.stringify(right.eventsLike({}))).toContain('is released');
    expect(site.rules()).not.toContain('table inet cordon');
    expect(await start('restore', '--code', code).exited).toBe(1);
    const before = gateway.count;
    site.endpoint.ip('link set eth0 up');
    site.endpoint.ip('route add default via 10.9.0.1');
    const report = await gateway.next({ event: 'report', isolation: 'normal', epoch: 2 }, before);
    expect(report).toMatchObject({ released: { by: 'break-glass' } });
  });

  test('only root may bring a code', () => {
    const counter = join(folder.path, 'state', 'run', 'enforcer.sock.control');
    expect(statSync(counter)).toMatchObject({ uid: 0 });
    expect(statSync(counter).mode & 0o777).toBe(0o600);
  });

  test('people who log in see the message of the desired state, without its control characters', async () => {
    await isolate({ message: 'Call 4711.\u001B[2J\u0007' });
    await expect.poll(() => existsSync(motd()) && readFileSync(motd(), 'utf8')).toBe('Call 4711. [2J\n');
    await gateway.request({ do: 'want', desired: { isolation: 'normal' } }, { event: 'report', isolation: 'normal' });
    await expect.poll(() => existsSync(motd())).toBe(false);
  });

  test('what others did while no agent ran is mended, and counts as nobody’s tampering', async () => {
    await isolate();
    await stop();
    // An orphan that anybody can flush; the next agent adopts it and accuses nobody.
    site.endpoint.run('nft', 'flush', 'ruleset');
    const before = gateway.count;
    agent = start('run', '--with-parent');
    expect(await gateway.next({ event: 'report', epoch: 2 }, before)).toMatchObject({
      isolation: 'isolated',
      problem: null,
    });
    expect(gateway.eventsLike({ event: 'report', epoch: 2 }).at(-1)).not.toHaveProperty('tampering');
    expect(status()).toMatchObject({ desired: { tampering: null } });
  });

  test('after a reboot not one packet leaves before the saved isolation is in force', async () => {
    await isolate();
    await stop();
    site.endpoint.ip('link set eth0 down');
    site.endpoint.run('nft', 'flush', 'ruleset');
    expect(site.rules()).toBe('');
    // As in the units: the network comes up when the enforcer reports that it is ready, and link after it.
    agent = start('enforcer', '--with-parent');
    await agent.next({ event: 'ready' });
    const before = site.counters();
    const talking = site.act('endpoint', { do: 'flood', to: '10.9.0.3', port: 9000, seconds: 1 });
    site.endpoint.ip('link set eth0 up');
    await talking;
    expect(site.counters()).toEqual(before);
    expect(site.rules()).toContain('table inet cordon');
  });
});

test('the units keep the network waiting until the saved isolation is in force', () => {
  const unit = readFileSync(testProgram('../../packages/agent/systemd/cordon-enforcer.service'), 'utf8');
  for (const line of ['Type=notify', 'Before=network-pre.target shutdown.target', 'Wants=network-pre.target']) {
    expect(unit.split('\n')).toContain(line);
  }
});
