/** Listed addresses in the real kernel: cut both ways, for containers too, reported, and removed without a trace. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { whileItLasts } from '../harness/timing.ts';
import { eventually } from '../harness/eventually.ts';
import { isolate, restore, Site } from '../isolation/site.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
/** The awaited event comes within milliseconds; this is for a very busy machine. */
const timeoutMs = { timeout: 20_000 };
const table = 'table inet cordon_objects';

function tableIn(rules: string): string {
  return /table inet cordon_objects \{[\s\S]*?\n\}\n/.exec(rules)?.[0] ?? '';
}

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('listed addresses', { timeout: 180_000 }, () => {
  let site: Site;
  let holder: JsonProcess;

  beforeEach(async () => {
    site = await Site.make();
    holder = await hold();
  });

  afterEach(() => site.close());

  async function hold(options: Event = {}): Promise<JsonProcess> {
    const started = site.endpoint.start(process.execPath, [inside, JSON.stringify(options)]);
    await started.next({ event: 'ready' });
    return started;
  }

  function list(contents: readonly string[], more: Event = {}): Promise<Event> {
    const objects = contents.map((content) => ({ content, action: more['action'] ?? 'block' }));
    return holder.request({ do: 'apply', objects, ...more }, { event: 'applied' });
  }

  /** At the switch's end of the cable, where nothing sent to the listed address may arrive. */
  function countLeaks(): void {
    const chain = 'type filter hook ingress device net0 priority 10; ip daddr 10.9.0.3 udp dport 9000 counter';
    site.network.feed(`table netdev leaks {\n chain c { ${chain}\n }\n}\n`, 'nft', '-f', '-');
  }

  function leaks(): number {
    const listed = site.network.run('nft', 'list', 'table', 'netdev', 'leaks');
    return Number(/packets (\d+)/.exec(listed)?.[1] ?? Number.NaN);
  }

  /** Undefined when it is reached. */
  async function error(from: 'endpoint' | 'network' | 'container', to: string, more: Event = {}): Promise<unknown> {
    return (await site.act(from, { do: 'tcp', to, port: from === 'network' ? 7000 : 9000, ...more }))['error'];
  }

  test.each([
    ['an address', ['10.9.0.3', 'fd09::3']],
    ['a network', ['10.9.0.2/31', 'fd09::/126']],
  ])('%s is blocked both ways, v4 and v6, and its neighbours are not', async (_, contents) => {
    await list(contents, { gateways: ['10.9.0.1', 'fd09::1'] });
    for (const [listed, other, own] of [
      ['10.9.0.3', '10.9.0.1', '10.9.0.2'],
      ['fd09::3', 'fd09::1', 'fd09::2'],
    ] as const) {
      expect(await error('endpoint', listed)).toMatch(/refused/);
      expect(await site.act('endpoint', { do: 'udp', to: listed, port: 9000 })).toHaveProperty('error');
      expect(await error('network', own, { sender: listed })).toMatch(/timed out/);
      expect(await error('endpoint', other)).toBeUndefined();
      expect(await error('network', own, { sender: other })).toBeUndefined();
    }
  });

  test('a flow that was established before is cut, and the sender learns it at once', async () => {
    await site.act('endpoint', { do: 'tcp', to: '10.9.0.3', port: 9000, keep: true });
    expect(await site.act('endpoint', { do: 'kept_flows' })).toMatchObject({ failed: 0 });
    await list(['10.9.0.3']);
    // IPv6's own messages continue, because nothing is isolated here.
    expect(await site.count('endpoint', { do: 'kept_flows' })).toMatchObject({ spoken: 0 });
    // The kernel informs the sender with a packet of its own, which on a busy machine comes a moment later.
    await eventually('the sender has learnt it', async () => {
      const { failed } = Object(await site.act('endpoint', { do: 'kept_flows' }));
      return failed === 1 || undefined;
    });
  });

  test('containers that the host forwards for are covered, and learn it at once', async () => {
    expect(await error('container', '10.9.0.3')).toBeUndefined();
    await list(['10.9.0.3', 'fd09::3']);
    expect(await error('container', '10.9.0.3')).toMatch(/refused/);
    expect(await error('container', 'fd09::3')).toMatch(/refused/);
    expect(await error('container', '10.9.0.1')).toBeUndefined();
    const child = await holder.next({ event: 'match', object: { content: '10.9.0.3' } });
    expect(child).toMatchObject({ action: 'blocked', remark: 'Forwarded for 10.8.0.2.', user: null });
  });

  test('an address translation by the host is no way around it', async () => {
    const detour = { do: 'tcp', to: '10.99.0.1', port: 80 } as const;
    expect(await site.act('endpoint', detour)).not.toHaveProperty('error');
    await list(['10.9.0.3']);
    expect(await site.act('endpoint', detour)).toHaveProperty('error');
  });

  test('log lets pass, and reports', async () => {
    await list(['10.9.0.0/24'], { action: 'log' });
    expect(await error('endpoint', '10.9.0.3')).toBeUndefined();
    expect(await holder.next({ event: 'match' })).toMatchObject({
      object: { type: 'ip', content: '10.9.0.0/24' },
      detectedBy: 'packet',
      action: 'logged',
      user: { id: 0, name: 'root' },
      remote: { direction: 'out', protocol: 'tcp', address: '10.9.0.3', port: 9000, name: null },
    });
  });

  test('the mode `log` lets pass what `enforce` would block', async () => {
    await list(['10.9.0.3'], { mode: 'log' });
    expect(await error('endpoint', '10.9.0.3')).toBeUndefined();
    expect(await holder.next({ event: 'match' })).toMatchObject({ action: 'logged' });
    await list(['10.9.0.3']);
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    await list(['10.9.0.3'], { mode: 'off' });
    expect(await error('endpoint', '10.9.0.3')).toBeUndefined();
    expect(site.rules()).not.toContain(table);
  });

  test('what comes in is reported with the peer and our port', async () => {
    await list(['fd09::/64'], { gateways: ['fd09::1'] });
    await site.act('network', { do: 'tcp', to: 'fd09::2', port: 7001, sender: 'fd09::3' });
    expect(await holder.next({ event: 'match' })).toMatchObject({
      action: 'blocked',
      remote: { direction: 'in', protocol: 'tcp', address: 'fd09::3', port: 7001 },
    });
  });

  test('the longest prefix names the object', async () => {
    await list(['10.0.0.0/8', '10.9.0.0/16', '10.9.0.3', '10.9.0.0/24'], { gateways: ['10.9.0.1'] });
    await error('endpoint', '10.9.0.3');
    expect(await holder.next({ event: 'match' })).toMatchObject({ object: { content: '10.9.0.3' } });
  });

  test('whatever is listed, servers, loopback, own addresses and neighbour discovery stay', async () => {
    const applied = await list(['0.0.0.0/0', '::/0'], { gateways: ['10.9.0.1', 'fd09::1'] });
    expect(JSON.stringify(applied)).toMatch(/Left open within what is listed: 10\.9\.0\.1 \(a server\)/);
    site.endpoint.run('ip', 'neigh', 'flush', 'all');
    for (const to of ['10.9.0.1', 'fd09::1']) expect(await error('endpoint', to, { port: 8443 })).toBeUndefined();
    for (const to of ['127.0.0.1', '::1', '10.9.0.2', 'fd09::2']) {
      expect(await error('endpoint', to, { port: 7000 })).toBeUndefined();
    }
    for (const to of ['10.9.0.3', 'fd09::3']) expect(await error('endpoint', to)).toMatch(/refused/);
  });

  test('an address that this host gets later is exempt from then on', async () => {
    await list(['10.0.0.0/8'], { gateways: ['10.9.0.1'] });
    site.endpoint.ip('addr add 10.50.0.1/32 dev lo');
    await expect
      .poll(async () => JSON.stringify(await holder.request({ do: 'state' }, { event: 'state' })), timeoutMs)
      .toContain('10.50.0.1 (of this host)');
    expect(await error('endpoint', '10.50.0.1', { port: 7000 })).toBeUndefined();
  });

  test('expiry is obeyed when it comes, even if nobody says so', async () => {
    const { seen } = await whileItLasts(async (expiresAt) => {
      const objects = [{ content: '10.9.0.3', expiresAt }, { content: 'fd09::3' }];
      await holder.request({ do: 'apply', objects }, { event: 'applied' });
      return error('endpoint', '10.9.0.3');
    });
    expect(seen).toMatch(/refused/);
    await expect.poll(() => error('endpoint', '10.9.0.3'), timeoutMs).toBeUndefined();
    expect(await error('endpoint', 'fd09::3')).toMatch(/refused/);
  });

  test('20,000 addresses are in force at once, and one more is a small change', async () => {
    const { took } = await holder.request({ do: 'apply', many: 20_000 }, { event: 'applied' });
    expect(await error('endpoint', '100.64.78.32')).toMatch(/refused/);
    const monitor = site.endpoint.start('nft', ['monitor', 'ruleset']);
    await mark(monitor, 'first');
    const second = await holder.request({ do: 'apply', many: 20_001 }, { event: 'applied' });
    await mark(monitor, 'second');
    console.info(
      `20,000 addresses in ${Number(took).toFixed(0)} ms, one more in ${Number(second['took']).toFixed(0)} ms`,
    );
    expect(await error('endpoint', '100.64.156.64')).toMatch(/refused/);
    const changes = monitor.eventsLike({}).map((one) => String(one['said']));
    expect(changes.filter((one) => one.includes('cordon_objects'))).toEqual([
      'add element inet cordon_objects block4a { 100.64.156.64 }',
    ]);
  });

  /** Makes tables of this name until the monitor, which starts at the same time, has seen one. */
  async function mark(monitor: JsonProcess, name: string): Promise<void> {
    await expect
      .poll(() => {
        site.endpoint.run('nft', 'add', 'table', 'ip', name);
        site.endpoint.run('nft', 'delete', 'table', 'ip', name);
        return monitor.eventsLike({ said: `add table ip ${name}` }).length;
      }, timeoutMs)
      .toBeGreaterThan(0);
  }

  test('isolated and listed at once: both hold, and a restore leaves the listed addresses blocked', async () => {
    await list(['10.9.0.3']);
    const rules = tableIn(site.rules());
    const isolation = await site.hold();
    await isolation.request(isolate, { event: 'applied' });
    expect(await isolation.request({ ...isolate, do: 'verify' }, { event: 'verified' })).toMatchObject({
      proven: true,
    });
    expect(await error('endpoint', '10.9.0.1')).toMatch(/refused/);
    expect(await error('endpoint', '10.9.0.1', { port: 8443 })).toBeUndefined();
    await list(['10.9.0.3', '10.9.0.4']);
    await list(['10.9.0.3']);
    await isolation.request(restore, { event: 'applied' });
    expect(tableIn(site.rules())).toBe(rules);
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    expect(await error('endpoint', '10.9.0.1')).toBeUndefined();
  });

  test('an isolation that is there first is proven with listed addresses beside it', async () => {
    const isolation = await site.hold();
    await isolation.request(isolate, { event: 'applied' });
    const before = await isolation.request({ ...isolate, do: 'verify' }, { event: 'verified' });
    await list(['10.9.0.3']);
    const after = await isolation.request({ ...isolate, do: 'verify' }, { event: 'verified' });
    expect(after).toMatchObject({ proven: true, proof: { digest: Object(before['proof']).digest } });
  });

  test('after removal the host has its own rules to the byte, and a host with nothing listed sees no table', async () => {
    const before = site.rules();
    await list([]);
    expect(site.rules()).toBe(before);
    await list(['10.9.0.0/24', 'fd09::/64'], { gateways: ['10.9.0.1'] });
    expect(site.rules().replace(tableIn(site.rules()), '')).toBe(before);
    await holder.request({ do: 'remove' }, { event: 'removed' });
    expect(site.rules()).toBe(before);
  });

  test('a flush of all rules does not touch it; where the kernel cannot hold it, it is put back', async () => {
    await list(['10.9.0.3']);
    site.endpoint.run('nft', 'flush', 'ruleset');
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    await holder.request({ do: 'remove' }, { event: 'removed' });
    holder.kill();
    await holder.exited;

    holder = await hold({ persist: false });
    await list(['10.9.0.3']);
    for (const line of [
      'flush ruleset',
      'delete element inet cordon_objects block4a { 10.9.0.3 }',
      `flush chain inet cordon_objects out`,
    ]) {
      const before = holder.count;
      site.endpoint.run('nft', ...line.split(' '));
      await holder.next({ event: 'log', what: 'listed addresses put back' }, before);
      expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    }
  });

  test('killing the agent opens nothing, and the next agent makes the table its own again', async () => {
    await list(['10.9.0.3']);
    holder.kill();
    await holder.exited;
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    holder = await hold();
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    const flood = site.act('endpoint', { do: 'flood', to: '10.9.0.3', port: 9000, seconds: 1 });
    countLeaks();
    await list(['10.9.0.3', '10.9.0.4']);
    await flood;
    expect(leaks()).toBe(0);
    site.endpoint.run('nft', 'flush', 'ruleset');
    expect(await error('endpoint', '10.9.0.3')).toMatch(/refused/);
    holder.kill();
    await holder.exited;
    holder = await hold();
    await list([]);
    expect(site.rules()).not.toContain(table);
  });

  test('not one packet passes while the list changes, small or whole', async () => {
    await list(['10.9.0.3']);
    countLeaks();
    const flood = site.act('endpoint', { do: 'flood', to: '10.9.0.3', port: 9000, seconds: 2 });
    for (let round = 0; round < 20; round += 1) {
      await list(['10.9.0.3', `10.9.0.${10 + round}`]);
      await list(['10.9.0.2/31', '10.9.0.0/24'], { gateways: ['10.9.0.1'] });
      await holder.request(
        { do: 'apply', objects: [{ content: '10.9.0.3' }, { type: 'domain', content: 'bad.example' }] },
        { event: 'applied' },
      );
    }
    await flood;
    expect(leaks()).toBe(0);
  });

  test('a flood to a listed address costs the agent next to nothing, and is reported once and counted', async () => {
    await list(['10.9.0.3', 'fd09::3']);
    const before = await worked();
    const flood = site.act('endpoint', { do: 'flood', to: 'fd09::3', port: 9000, seconds: 2 });
    const stalls: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await sleep(80);
      stalls.push(Number((await holder.request({ do: 'stall' }, { event: 'stalled' }))['milliseconds']));
    }
    await flood;
    console.info(`longest stall under flood: ${Math.max(...stalls).toFixed(1)} ms`);
    const work = (await worked()) - before;
    console.info(`two seconds of flood: ${work.toFixed(1)} ms of the agent's time on a processor`);
    expect(holder.eventsLike({ event: 'match' })).toHaveLength(1);
    expect(work).toBeLessThan(400);
    expect([...stalls].sort((a, b) => a - b)[10]).toBeLessThan(100);
  });

  /** Milliseconds of processor time, which other processes do not affect. */
  async function worked(): Promise<number> {
    return Number((await holder.request({ do: 'work' }, { event: 'worked' }))['milliseconds']);
  }

  test('nft(8) makes the same of the text as the kernel of our own bytes', async () => {
    const objects = [
      { content: '10.9.0.0/24' },
      { content: '255.255.255.0/24' },
      { content: '0.0.0.0/8' },
      { content: 'ff00::/8' },
      { content: '2001:db8::/33', action: 'log' },
      { type: 'domain', content: 'bad.example' },
    ];
    holder.kill();
    await holder.exited;
    holder = await hold({ persist: false });
    await holder.request({ do: 'apply', objects, gateways: ['10.9.0.1'] }, { event: 'applied' });
    const byNetlink = tableIn(site.rules());
    const { text } = await holder.request({ do: 'text', objects, gateways: ['10.9.0.1'] }, { event: 'text' });
    holder.kill();
    await holder.exited;
    site.endpoint.feed(String(text), 'nft', '-f', '-');
    expect(tableIn(site.rules())).toBe(byNetlink);
    expect(byNetlink).toContain('10.9.0.3-10.9.0.255');
  });

  test('another listener for copies of packets is left alone', async () => {
    const second = await hold();
    const objects = [{ content: '10.9.0.3' }];
    expect(await second.request({ do: 'state' }, { event: 'state' })).toMatchObject({ network: { state: 'starting' } });
    await second.request({ do: 'apply', objects }, { event: 'applied' });
    await error('endpoint', '10.9.0.3');
    expect(await second.next({ event: 'match' })).toMatchObject({ action: 'blocked' });
    // The table has one owner; the other process reports that it could do nothing.
    expect(await list(['10.9.0.4'])).toMatchObject({ network: { state: 'unable' } });
  });

  test('what the kernel cannot do is missed, and the rest is done', async () => {
    holder.kill();
    await holder.exited;
    holder = await hold({ persist: false, reject: false, log: false });
    await list(['10.9.0.3', 'fd09::3']);
    expect(await error('endpoint', '10.9.0.3')).toBeDefined();
    expect(await error('network', 'fd09::2', { sender: 'fd09::3' })).toMatch(/timed out/);
    expect(site.rules()).not.toContain('reject');
  });
});
