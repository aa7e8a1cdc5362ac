/** Every kind of flow that an endpoint can have, before, during and after its isolation; counted at the switch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { isolate, restore, setting, Site, verify } from './site.ts';

const neighbour = { to: '10.9.0.3', port: 9000 };
const neighbour6 = { to: 'fd09::3', port: 9000 };
const linkLocal = { to: 'fe80::3%eth0', port: 9000 };

/** Kind of flow, who begins it, and what they do. */
const flows = [
  ['TCP to a neighbour, IPv4', 'endpoint', { do: 'tcp', ...neighbour }],
  ['TCP to a neighbour, IPv6', 'endpoint', { do: 'tcp', ...neighbour6 }],
  ['TCP to a neighbour, link-local', 'endpoint', { do: 'tcp', ...linkLocal }],
  ['TCP to another port of the gateway', 'endpoint', { do: 'tcp', to: '10.9.0.1', port: 9000 }],
  ['UDP to a neighbour, IPv4', 'endpoint', { do: 'udp', ...neighbour }],
  ['UDP to a neighbour, IPv6', 'endpoint', { do: 'udp', ...neighbour6 }],
  ['UDP to a neighbour, link-local', 'endpoint', { do: 'udp', ...linkLocal }],
  ['UDP to the port of the gateway', 'endpoint', { do: 'udp', to: '10.9.0.1', port: 8443 }],
  ['UDP to the default route', 'endpoint', { do: 'udp', to: '198.51.100.7', port: 53 }],
  ['broadcast', 'endpoint', { do: 'udp', to: '255.255.255.255', port: 9, device: 'eth0' }],
  ['broadcast of the subnet', 'endpoint', { do: 'udp', to: '10.9.0.255', port: 9 }],
  ['a DHCP question, with addresses that were not leased', 'endpoint', dhcp()],
  ['multicast, IPv4', 'endpoint', { do: 'udp', to: '224.0.0.251', port: 5353, device: 'eth0' }],
  ['multicast, IPv6', 'endpoint', { do: 'udp', to: 'ff02::fb%eth0', port: 5353 }],
  ['a ping, IPv4', 'endpoint', { do: 'ping', to: '10.9.0.3' }],
  ['a ping, IPv6', 'endpoint', { do: 'ping', to: 'fd09::3' }],
  ['a ping to the gateway', 'endpoint', { do: 'ping', to: '10.9.0.1' }],
  ['a raw IP packet (IP_HDRINCL)', 'endpoint', { do: 'raw', to: '10.9.0.3', sender: '10.9.0.2' }],
  ['a raw frame (AF_PACKET)', 'endpoint', { do: 'frame', device: 'eth0' }],
  ['a raw frame past the queue (PACKET_QDISC_BYPASS)', 'endpoint', { do: 'frame', device: 'eth0', bypass: true }],
  ['TCP that the host’s own rules send elsewhere (output DNAT)', 'endpoint', { do: 'tcp', to: '10.99.0.1', port: 80 }],
  ['TCP from a container, masqueraded', 'container', { do: 'tcp', ...neighbour }],
  ['UDP from a container, masqueraded', 'container', { do: 'udp', ...neighbour }],
  ['UDP from a container, routed over IPv6', 'container', { do: 'udp', ...neighbour6 }],
  ['UDP from a namespace made after the isolation', 'nested', { do: 'udp', ...neighbour }],
  ['UDP from a machine that is bridged through', 'machine', { do: 'udp', to: '10.10.0.1', port: 9000 }],
  ['UDP from a macvlan on our device', 'macvlan', { do: 'udp', ...neighbour }],
  ['TCP to us from a neighbour, IPv4', 'network', { do: 'tcp', to: '10.9.0.2', port: 7000, sender: '10.9.0.3' }],
  ['TCP to us from a neighbour, IPv6', 'network', { do: 'tcp', to: 'fd09::2', port: 7000, sender: 'fd09::3' }],
  ['TCP to us from the gateway’s address', 'network', { do: 'tcp', to: '10.9.0.2', port: 7000, sender: '10.9.0.1' }],
  ['TCP to us from the gateway’s address and port', 'network', fromGateway()],
  ['UDP to us, answered', 'network', { do: 'udp', to: '10.9.0.2', port: 7000 }],
  ['TCP to a container of ours (DNAT)', 'network', { do: 'tcp', to: '10.9.0.2', port: 8080, sender: '10.9.0.3' }],
  ['a ping to us, IPv4', 'network', { do: 'ping', to: '10.9.0.2' }],
  ['a ping to us, IPv6', 'network', { do: 'ping', to: 'fd09::2' }],
] as const;

/** One of each direction and family, already established when the isolation comes. */
const establishedFlows = [
  ['endpoint', { do: 'tcp', ...neighbour }],
  ['endpoint', { do: 'tcp', ...neighbour6 }],
  ['endpoint', { do: 'tcp', ...linkLocal }],
  ['container', { do: 'tcp', ...neighbour }],
  ['network', { do: 'tcp', to: '10.9.0.2', port: 7000, sender: '10.9.0.3' }],
  ['network', { do: 'tcp', to: '10.9.0.2', port: 8080, sender: '10.9.0.3' }],
] as const;

function dhcp(): { do: 'udp'; to: string; port: number; source: number; device: string } {
  return { do: 'udp', to: '255.255.255.255', port: 67, source: 68, device: 'eth0' };
}

/** The gateway serves port 8443, so the address shares it. */
function fromGateway(): { do: 'tcp'; to: string; port: number; sender: string; source: number } {
  return { do: 'tcp', to: '10.9.0.2', port: 7001, sender: '10.9.0.1', source: 8444 };
}

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('an isolation, seen from the switch', () => {
  let site: Site;
  let holder: JsonProcess;
  let rulesBefore: string;

  beforeAll(async () => {
    site = await Site.make();
    rulesBefore = site.rules();
    holder = await site.hold();
    setting(site.endpoint, 'net/bridge/bridge-nf-call-iptables', 0);
  });

  afterAll(() => site.close());

  describe('before', () => {
    reaches('gateway and loopback');
    // The namespace that is made later does not exist yet.
    for (const flow of flows) if (flow[1] !== 'nested') passes(flow);

    test('flows of every direction are established', async () => {
      for (const [place, act] of establishedFlows) {
        expect(await site.act(place, { ...act, keep: true })).not.toHaveProperty('error');
      }
    });
  });

  describe('isolated', () => {
    beforeAll(async () => {
      await holder.request(isolate, { event: 'applied' });
      await site.nest();
    });

    test('no established flow sends or answers another byte', async () => {
      for (const place of ['endpoint', 'container', 'network'] as const) {
        expect(await site.count(place, { do: 'kept_flows' })).toEqual({ stray: 0, spoken: 0 });
      }
    });

    reaches('gateway and loopback');
    for (const flow of flows) isStopped(flow);

    test('a bridged machine is stopped with bridge-nf-call, too', async () => {
      setting(site.endpoint, 'net/bridge/bridge-nf-call-iptables', 1);
      const act = { do: 'udp', to: '10.10.0.1', port: 9000 } as const;
      expect(await site.count('machine', act)).toEqual({ stray: 0, spoken: 0 });
      setting(site.endpoint, 'net/bridge/bridge-nf-call-iptables', 0);
    });

    test('a container does not share our way to the gateway', async () => {
      expect(await site.act('container', { do: 'tcp', to: '10.9.0.1', port: 8443 })).toHaveProperty('error');
    });

    test('all of that is proven, once the device that came later is covered, too', async () => {
      expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: false, tampered: false });
      await holder.request(isolate, { event: 'applied' });
      expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    });
  });

  describe('restored', () => {
    beforeAll(async () => {
      await holder.request(restore, { event: 'applied' });
    });

    reaches('gateway and loopback');
    for (const flow of flows) passes(flow);

    test('the host’s rules are the same to the byte', () => {
      expect(site.rules()).toBe(rulesBefore);
    });
  });

  function reaches(peer: string): void {
    test(`reaches ${peer}`, async () => {
      const there = [
        { to: '10.9.0.1', port: 8443 },
        { to: 'fd09::1', port: 8443 },
        { to: '127.0.0.1', port: 7000 },
        { to: '::1', port: 7000 },
      ];
      for (const one of there) expect(await site.act('endpoint', { do: 'tcp', ...one })).not.toHaveProperty('error');
    });
  }

  /** At least one packet of the flow itself. */
  function passes([name, place, act]: (typeof flows)[number]): void {
    test(`${name}: passes`, async () => {
      expect(await site.passing(place, act)).toBeGreaterThan(0);
    });
  }

  /** Not one packet of any kind. */
  function isStopped([name, place, act]: (typeof flows)[number]): void {
    test(`${name}: stopped`, async () => {
      expect((await site.count(place, act)).stray).toBe(0);
    });
  }
});
