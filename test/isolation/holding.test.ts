/**
 * Isolation that holds: how soon a foreign change is undone, how it works without netlink, what is refused or reported.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { isolate, restore, Site, verify } from './site.ts';

const rounds = 20;

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('an isolation that holds', { timeout: 180_000 }, () => {
  let site: Site;
  let holder: JsonProcess;

  beforeEach(async () => {
    site = await Site.make();
  });

  afterEach(() => site.close());

  async function keep(options: Event): Promise<void> {
    holder = await site.hold(options);
    await holder.request(isolate, { event: 'applied' });
    await holder.request({ ...verify, do: 'keep' }, { event: 'keeping' });
  }

  test('a flushed table of an old kernel is back within milliseconds, and counts as tampering', async () => {
    await keep({ persist: false });
    const windows: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = holder.count;
      const flushed = process.hrtime.bigint();
      site.endpoint.run('nft', 'flush', 'ruleset');
      const back = await holder.next({ event: 'put back' }, before);
      expect(back['tampered']).toBe(true);
      windows.push(Number(BigInt(String(back['ns'])) - flushed) / 1e6);
    }
    // From the start of nft, which takes most of the time, until the rules are in force again.
    say('flush until put back', windows);
    expect(median(windows)).toBeLessThan(250);
    expect(await site.count('endpoint', { do: 'udp', to: '10.9.0.3', port: 9000 })).toEqual({ stray: 0, spoken: 0 });
  });

  test('a flush while the isolation is verified counts as tampering too', async () => {
    holder = await site.hold({ persist: false, flushing: true });
    await holder.request(isolate, { event: 'applied' });
    const found = await holder.request(verify, { event: 'verified' });
    expect(found).toMatchObject({
      proven: false,
      tampered: true,
      problem: expect.stringContaining('not in the kernel'),
    });
  });

  test('a device that appears is covered within milliseconds, and is nobody’s tampering', async () => {
    await keep({});
    const windows: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = holder.count;
      const made = process.hrtime.bigint();
      site.endpoint.ip(`link add late${round} type veth peer name far${round}`);
      const back = await holder.next({ event: 'put back' }, before);
      expect(back['tampered']).toBe(false);
      windows.push(Number(BigInt(String(back['ns'])) - made) / 1e6);
    }
    say('new device until covered', windows);
    expect(median(windows)).toBeLessThan(250);
    expect(site.rules()).toContain(`late${rounds - 1}`);
  });

  test('when netlink is refused nft does it with the same rules, and says so', async () => {
    const exceptions = [
      { direction: 'out', protocol: 'tcp', network: '10.9.0.0/20', ports: { first: 1, last: 1000 } },
      { direction: 'in', protocol: 'udp', network: 'fd09::/33', ports: null },
    ];
    const desired = { ...isolate, exceptions, dhcp: true };
    holder = await site.hold({ persist: false });
    await holder.request(desired, { event: 'applied' });
    const byNetlink = site.rules();
    const proven = await holder.request({ ...desired, do: 'verify' }, { event: 'verified' });
    await holder.request(restore, { event: 'applied' });

    holder = await site.hold({ refusing: true });
    await holder.request(desired, { event: 'applied' });
    expect(site.rules()).toBe(byNetlink);
    const again = await holder.request({ ...desired, do: 'verify' }, { event: 'verified' });
    expect(again).toMatchObject({ proven: true, proof: { level: 'plain', digest: Object(proven['proof']).digest } });
    expect(again['problem']).toMatch(/through nft\(8\).*EPERM/);
    expect(await site.count('endpoint', { do: 'udp', to: '10.9.0.3', port: 9000 })).toEqual({ stray: 0, spoken: 0 });
    await holder.request(restore, { event: 'applied' });
    expect(site.rules()).not.toContain('table inet cordon');
  });

  test('the way to every gateway through a tunnel is an objection, until an exception lets the tunnel through', async () => {
    const gateways = [{ address: '10.66.0.1', port: 8443 }];
    holder = await site.hold();
    const ask = async (extra: Event = {}): Promise<unknown> =>
      (await holder.request({ ...isolate, do: 'object', gateways, ...extra }, { event: 'objected' }))['message'];
    expect(await ask()).toBeNull();
    for (const [device, command] of [
      ['wg0', 'tuntap add wg0 mode tun'],
      ['vx0', 'link add vx0 type vxlan id 7 dstport 4789 remote 10.9.0.3 dev eth0'],
    ] as const) {
      site.endpoint.ip(command);
      site.endpoint.ip(`link set ${device} up`);
      site.endpoint.ip(`addr add 10.66.0.2/24 dev ${device}`);
      expect(await ask()).toMatch(new RegExp(`gateway 10\\.66\\.0\\.1 leads through the tunnel ${device}`));
      expect(
        await ask({ exceptions: [{ direction: 'out', protocol: 'udp', network: '10.9.0.3', ports: null }] }),
      ).toBeNull();
      expect(
        await ask({ exceptions: [{ direction: 'out', protocol: 'udp', network: '10.66.0.9', ports: null }] }),
      ).toMatch(/tunnel/);
      expect(await ask({ gateways: [...gateways, { address: '10.9.0.1', port: 8443 }] })).toBeNull();
      site.endpoint.ip(`link del ${device}`);
    }
  });

  test('what no rule can stop is reported: a redirect by traffic control', async () => {
    holder = await site.hold();
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toHaveProperty('problem', null);
    site.endpoint.run('tc', ...'qdisc add dev lo clsact'.split(' '));
    const redirect = 'filter add dev lo egress u32 match u32 0 0 action mirred egress redirect dev eth0';
    site.endpoint.run('tc', ...redirect.split(' '));
    expect(await site.passing('endpoint', { do: 'udp', to: '127.0.0.1', port: 9 })).toBeGreaterThan(0);
    expect((await holder.request(verify, { event: 'verified' }))['problem']).toMatch(
      /traffic control redirects packets of lo/,
    );
  });

  test('what no rule can stop is reported: an AF_XDP socket', async () => {
    holder = await site.hold();
    await holder.request(isolate, { event: 'applied' });
    expect(await site.passing('endpoint', { do: 'xdp', device: 'eth0' })).toBe(1);
    expect((await holder.request(verify, { event: 'verified' }))['problem']).toMatch(/AF_XDP sockets: 1 open/);
  });
});

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

function say(what: string, samples: readonly number[]): void {
  const [least, most] = [Math.min(...samples), Math.max(...samples)].map((one) => one.toFixed(1));
  console.info(`${what}: median ${median(samples).toFixed(1)} ms, ${least} to ${most}, n ${samples.length}`);
}
