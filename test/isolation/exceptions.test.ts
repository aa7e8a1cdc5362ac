/** The exceptions of a profile: what they let through, what they do not, and how a change takes effect. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { isolate, restore, Site, verify } from './site.ts';

const port = { first: 9000, last: 9000 };
const ours = { first: 7000, last: 7000 };
const range = { first: 8999, last: 9000 };

/**
 * Exception, what then passes, and what still does not; `sender` and `to` are in the exception's network or beside it.
 */
const cases = [
  [
    'out tcp to one address',
    'out',
    'tcp',
    '10.9.0.3',
    port,
    { to: '10.9.0.3', port: 9000 },
    { to: '10.9.0.3', port: 9001 },
  ],
  [
    'out tcp to a range of ports',
    'out',
    'tcp',
    '10.9.0.3/32',
    range,
    { to: '10.9.0.3', port: 9000 },
    { to: '10.9.0.3', port: 9001 },
  ],
  [
    'out tcp to a network',
    'out',
    'tcp',
    '10.9.0.2/31',
    null,
    { to: '10.9.0.3', port: 9001 },
    { to: '10.9.0.1', port: 9001 },
  ],
  [
    'out udp to a network',
    'out',
    'udp',
    '10.9.0.0/24',
    port,
    { to: '10.9.0.3', port: 9000 },
    { to: '10.9.0.3', port: 9001 },
  ],
  [
    'out tcp to a network, IPv6',
    'out',
    'tcp',
    'fd09::2/127',
    port,
    { to: 'fd09::3', port: 9000 },
    { to: 'fd09::1', port: 9000 },
  ],
  [
    'out udp to an address, IPv6',
    'out',
    'udp',
    'fd09::3',
    port,
    { to: 'fd09::3', port: 9000 },
    { to: 'fd09::1', port: 9000 },
  ],
  ['in tcp from a network', 'in', 'tcp', '10.9.0.2/31', ours, from('10.9.0.3', 7000), from('10.9.0.1', 7000)],
  ['in tcp to one of our ports', 'in', 'tcp', '10.9.0.3', ours, from('10.9.0.3', 7000), from('10.9.0.3', 7001)],
  ['in tcp from an address, IPv6', 'in', 'tcp', 'fd09::3', ours, from6('fd09::3', 7000), from6('fd09::1', 7000)],
] as const;

function from(sender: string, number: number): { to: string; port: number; sender: string } {
  return { to: '10.9.0.2', port: number, sender };
}

function from6(sender: string, number: number): { to: string; port: number; sender: string } {
  return { to: 'fd09::2', port: number, sender };
}

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('exceptions', { timeout: 180_000 }, () => {
  let site: Site;
  let holder: JsonProcess;

  beforeAll(async () => {
    site = await Site.make();
    holder = await site.hold();
  });

  afterAll(() => site.close());

  test.each(cases)('%s', async (...one) => {
    const [, direction, protocol, network, ports, passes, stays] = one;
    const exceptions = [{ direction, protocol, network, ports }];
    await holder.request({ ...isolate, exceptions }, { event: 'applied' });
    const [place, act] = [direction === 'out' ? 'endpoint' : 'network', { do: protocol }] as const;
    expect(await site.passing(place, { ...act, ...passes })).toBeGreaterThan(0);
    expect(await site.count(place, { ...act, ...stays })).toEqual({ stray: 0, spoken: 0 });
    expect(await site.count('container', { do: protocol, to: '10.9.0.3', port: 9000 })).toEqual({
      stray: 0,
      spoken: 0,
    });
    expect(await holder.request({ ...verify, exceptions }, { event: 'verified' })).toMatchObject({ proven: true });
  });

  test('out tcp lets nobody in from there: a bare SYN from the named port is dropped', async () => {
    const exceptions = [{ direction: 'out', protocol: 'tcp', network: '10.9.0.3', ports: { first: 9005, last: 9005 } }];
    await holder.request({ ...isolate, exceptions }, { event: 'applied' });
    const syn = { do: 'tcp', to: '10.9.0.2', port: 7000, sender: '10.9.0.3', source: 9005 } as const;
    expect(await site.count('network', syn)).toEqual({ stray: 0, spoken: 0 });
  });

  test('in tcp lets nothing out: a bare SYN from our own port is dropped', async () => {
    const exceptions = [{ direction: 'in', protocol: 'tcp', network: '10.9.0.3', ports: { first: 7005, last: 7005 } }];
    await holder.request({ ...isolate, exceptions }, { event: 'applied' });
    const syn = { do: 'tcp', to: '10.9.0.3', port: 9000, source: 7005 } as const;
    expect(await site.count('endpoint', syn)).toEqual({ stray: 0, spoken: 0 });
  });

  test('a change of them reaches an isolated endpoint in one instant: nothing else ever gets out', async () => {
    const exceptions = [{ direction: 'out', protocol: 'tcp', network: '10.9.0.3', ports: port }];
    await holder.request(isolate, { event: 'applied' });
    const before = site.counters();
    for (let round = 0; round < 20; round += 1) {
      const switching = holder.request(
        { ...isolate, ...(round % 2 === 0 ? { exceptions } : {}) },
        { event: 'applied' },
      );
      await site.act('endpoint', { do: 'udp', to: '10.9.0.3', port: 9001 });
      await switching;
    }
    expect(site.counters()).toEqual(before);
  });

  test('are part of what is proven', async () => {
    const exceptions = [{ direction: 'out', protocol: 'udp', network: '10.9.0.0/24', ports: port }];
    await holder.request(isolate, { event: 'applied' });
    const plain = await holder.request(verify, { event: 'verified' });
    await holder.request({ ...isolate, exceptions }, { event: 'applied' });
    const open = await holder.request({ ...verify, exceptions }, { event: 'verified' });
    expect(Object(open['proof']).digest).not.toBe(Object(plain['proof']).digest);
  });

  test('that open every address there is to try leave nothing to prove', async () => {
    const exceptions = ['0.0.0.0/0', '::/0'].map((network) => ({
      direction: 'out',
      protocol: 'udp',
      network,
      ports: null,
    }));
    await holder.request({ ...isolate, exceptions }, { event: 'applied' });
    const seen = await holder.request({ ...verify, exceptions }, { event: 'verified' });
    expect(seen).toMatchObject({ proven: false, problem: expect.stringContaining('exceptions cover every address') });
  });

  test('dhcp: true lets both kinds of DHCP through, and nothing that looks alike', async () => {
    await holder.request({ ...isolate, dhcp: true }, { event: 'applied' });
    const passing = [
      { to: '255.255.255.255', port: 67, source: 68, device: 'eth0' },
      { to: 'ff02::1:2%eth0', port: 547, source: 546 },
    ];
    for (const one of passing) expect(await site.passing('endpoint', { do: 'udp', ...one })).toBe(1);
    const alike = [
      { to: 'ff02::1:2%eth0', port: 547, source: 547 },
      { to: 'fd09::3', port: 547, source: 546 },
      { to: '10.9.0.3', port: 67, source: 68 },
    ];
    for (const one of alike)
      expect(await site.count('endpoint', { do: 'udp', ...one })).toEqual({ stray: 0, spoken: 0 });
    await holder.request(restore, { event: 'applied' });
  });
});
