/** The whole agent as root on its own endpoint: desired states take effect in the kernel and outlive every process. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { Namespace } from '../harness/network-namespace.ts';
import { agentProgram, testProgram, temporaryFolder } from './paths.ts';
import { root } from '../harness/privileged.ts';

const rulesOfTheHost =
  'table inet firewall { chain out { type filter hook output priority 0; policy accept; counter accept; } ; }';

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('an agent on its endpoint', { timeout: 180_000 }, () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let endpoint: Namespace;
  let network: Namespace;
  let gateway: JsonProcess;
  let agent: JsonProcess;
  let token: string;

  beforeEach(async () => {
    folder = temporaryFolder();
    [endpoint, network] = await Promise.all([Namespace.make(), Namespace.make()]);
    endpoint.cable('eth0', network, 'net0');
    endpoint.ip('addr add 10.9.0.2/24 dev eth0');
    network.ip('addr add 10.9.0.1/24 dev net0');
    network.ip('addr add 10.9.0.3/24 dev net0');
    endpoint.ip('route add default via 10.9.0.1');
    endpoint.feed(rulesOfTheHost, 'nft', '-f', '-');
    gateway = network.start(process.execPath, [testProgram('gateway.ts'), '10.9.0.1', '8443']);
    token = String((await gateway.next({ event: 'listening' }))['token']);
    const code = await start('enrol', token).exited;
    if (code !== 0) throw new Error(`Enrolling ended with ${code}.`);
    agent = start('run', '--with-parent');
    await gateway.next({ event: 'report', epoch: 1, isolation: 'normal' });
  });

  afterEach(async () => {
    agent.child.stdin?.end();
    await agent.exited;
    for (const one of [endpoint, network]) one.close();
    folder.remove();
  });

  function start(...args: string[]): JsonProcess {
    const environment = { CORDON_AGENT_STATE: join(folder.path, 'state'), CORDON_AGENT_USER: 'nobody' };
    return endpoint.start(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
  }

  function isolate(): Promise<Event> {
    return gateway.request(
      { do: 'want', desired: { isolation: 'isolated' } },
      { event: 'report', isolation: 'isolated' },
    );
  }

  function rules(): string {
    return endpoint.run('nft', '-s', 'list', 'ruleset');
  }

  function pidOf(part: string): number {
    return Number(agent.eventsLike({ event: 'started', process: part }).at(-1)?.['pid']);
  }

  test('an isolation is in force and proven, and its release leaves no trace', async () => {
    const before = rules();
    expect(await isolate()).toMatchObject({
      epoch: 2,
      problem: null,
      proof: { level: 'owner-persist', probes: [{ outcome: 'refused' }, {}] },
    });
    expect(rules().match(/table \w+ cordon/g)).toHaveLength(3);
    const restored = await gateway.request(
      { do: 'want', desired: { isolation: 'normal' } },
      { event: 'report', epoch: 3 },
    );
    expect(restored).toMatchObject({ isolation: 'normal', problem: null });
    expect(rules()).toBe(before);
  });

  test('link has no privileges left, and enforcer has no network', async () => {
    const status = readFileSync(`/proc/${pidOf('link')}/status`, 'utf8');
    expect(status).toMatch(/Uid:\s+65534\s+65534\s+65534\s+65534/);
    expect(status).toMatch(/Groups:\s*\n/);
    expect(status).toMatch(/CapEff:\s+0+\n/);
    const sockets = endpoint.run('ss', '-Htupan');
    expect(sockets).not.toContain(`pid=${pidOf('enforcer')},`);
  });

  test('killing the enforcer leaves the isolation in force, and the next enforcer proves it again', async () => {
    await isolate();
    const before = gateway.count;
    process.kill(pidOf('enforcer'), 'SIGKILL');
    expect(rules().match(/table \w+ cordon/g)).toHaveLength(3);
    expect(await gateway.next({ event: 'report', epoch: 2 }, before)).toMatchObject({
      isolation: 'isolated',
      proof: { level: 'owner-persist' },
    });
  });

  test('stopping the agent leaves the isolation in force; a new start reports it and can restore it', async () => {
    await isolate();
    agent.child.kill('SIGTERM');
    agent.child.stdin?.end();
    await agent.exited;
    expect(rules().match(/table \w+ cordon/g)).toHaveLength(3);
    const before = gateway.count;
    agent = start('run', '--with-parent');
    await gateway.next({ event: 'report', epoch: 2, isolation: 'isolated' }, before);
    await gateway.request(
      { do: 'want', desired: { isolation: 'normal' } },
      { event: 'report', isolation: 'normal', epoch: 3 },
    );
    expect(rules()).not.toContain('cordon');
  });

  test('a new network device is covered and reported without being asked', async () => {
    await isolate();
    const before = gateway.count;
    endpoint.cable('late0', network, 'late1');
    const report = await gateway.next({ event: 'report', isolation: 'isolated' }, before);
    expect(report['problem']).toMatch(/put back/);
    expect(rules()).toContain('late0');
  });

  test('an isolation right after a new network device covers it, too', async () => {
    endpoint.cable('late0', network, 'late1');
    const report = await gateway.request(
      { do: 'want', desired: { isolation: 'isolated' } },
      { event: 'report', epoch: 2 },
    );
    expect(report).toMatchObject({ isolation: 'isolated', problem: null });
    expect(rules()).toContain('late0');
  });

  test('uninstalling restores the endpoint and removes the agent’s state', async () => {
    const before = rules();
    await isolate();
    await gateway.request(
      { do: 'want', desired: { installed: false } },
      { event: 'report', installed: false, isolation: 'normal' },
    );
    expect(await agent.exited).toBe(0);
    expect(rules()).toBe(before);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('status shows what the kernel holds', async () => {
    const report = await isolate();
    const state = join(folder.path, 'state');
    const shown = endpoint.run(
      'env',
      `CORDON_AGENT_STATE=${state}`,
      process.execPath,
      agentProgram,
      'status',
      '--json',
    );
    const status: unknown = JSON.parse(shown);
    expect(status).toMatchObject({ desired: { epoch: 2, isolation: 'isolated' }, kernel: { isolation: 'isolated' } });
    expect(shown).toContain(Object(report['proof']).digest);
  });
});
