/** Isolation in the real kernel: what it stops, what it leaves alone, and what cannot undo it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonProcess } from '../harness/json-process.ts';
import { Namespace } from '../harness/network-namespace.ts';
import { testProgram } from './paths.ts';
import { root } from '../harness/privileged.ts';

const gateways = [
  { address: '10.9.0.1', port: 8443 },
  { address: 'fd09::1', port: 8443 },
];
const isolate = { do: 'apply', isolation: 'isolated', gateways };
const restore = { do: 'apply', isolation: 'normal', gateways };
const verify = { do: 'verify', isolation: 'isolated', gateways };

/** Like the rules of a container engine and a firewall front end: they accept early. */
const rulesOfTheHost = `
table ip nat {
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local counter jump DOCKER; }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; oifname != "c0" ip saddr 10.8.0.0/24 counter masquerade; }
  chain DOCKER { tcp dport 8080 counter dnat to 10.8.0.2:80; }
}
table ip filter {
  chain FORWARD { type filter hook forward priority filter; policy accept; counter accept; }
  chain OUTPUT { type filter hook output priority filter; policy accept; counter accept; }
}
table inet ours {
  set friends { type ipv4_addr; elements = { 10.9.0.3, 10.9.0.4 }
  }
  chain first { type filter hook output priority -10000; policy accept; ip daddr @friends accept; }
  chain late { type filter hook input priority 10000; policy accept; accept; }
}
`;

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('isolation in the kernel', { timeout: 180_000 }, () => {
  let endpoint: Namespace;
  let network: Namespace;
  let container: Namespace;
  let holder: JsonProcess;

  beforeEach(async () => {
    [endpoint, network, container] = await Promise.all([Namespace.make(), Namespace.make(), Namespace.make()]);
    endpoint.cable('eth0', network, 'net0');
    endpoint.cable('c0', container, 'eth0');
    for (const address of ['10.9.0.2/24', 'fd09::2/64 nodad']) endpoint.ip(`addr add ${address} dev eth0`);
    for (const address of ['10.9.0.1/24', '10.9.0.3/24', 'fd09::1/64 nodad', 'fd09::3/64 nodad']) {
      network.ip(`addr add ${address} dev net0`);
    }
    endpoint.ip('addr add 10.8.0.1/24 dev c0');
    container.ip('addr add 10.8.0.2/24 dev eth0');
    container.ip('route add default via 10.8.0.1');
    endpoint.ip('route add default via 10.9.0.1');
    endpoint.ip('-6 route add default via fd09::1');
    endpoint.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    endpoint.feed(rulesOfTheHost, 'nft', '-f', '-');
    holder = await hold();
  });

  afterEach(() => {
    holder.kill();
    for (const one of [endpoint, network, container]) one.close();
  });

  async function hold(features: object = {}): Promise<JsonProcess> {
    const child = endpoint.start(process.execPath, [testProgram('inside.ts'), JSON.stringify(features)]);
    await child.next({ event: 'ready' });
    return child;
  }

  async function serve(): Promise<void> {
    const server = network.start(process.execPath, [testProgram('flow.ts'), 'serve', '8443', '9000']);
    await server.next({ event: 'serving', port: '8443' });
    await server.next({ event: 'serving', port: '9000' });
  }

  function rules(): string {
    return endpoint.run('nft', '-s', 'list', 'ruleset');
  }

  function nothingOfOurs(): string {
    return rules().replaceAll(/table \w+ cordon \{[\s\S]*?\n\}\n/g, '');
  }

  test('established and new flows die on both protocols and through the host, the gateway’s flows live', async () => {
    await serve();
    const foreign = [
      talk(endpoint, '10.9.0.3', 9000),
      talk(endpoint, 'fd09::3', 9000),
      talk(container, '10.9.0.3', 9000),
    ];
    const managed = [talk(endpoint, '10.9.0.1', 8443), talk(endpoint, 'fd09::1', 8443)];
    await Promise.all([...foreign, ...managed].map((flow) => flow.next({ event: 'echo' })));

    await holder.request(isolate, { event: 'applied' });
    const after = managed.map((flow) => flow.count);
    await Promise.all(managed.map((flow, index) => flow.next({ event: 'echo' }, after[index])));
    const dead = foreign.map(echoesOf);
    const settled = managed.map((flow) => flow.count + 20);
    await Promise.all(managed.map((flow, index) => flow.next({ event: 'echo' }, settled[index])));
    expect(foreign.map(echoesOf)).toEqual(dead);

    for (const address of ['10.9.0.3', 'fd09::3']) {
      const refused = await talk(endpoint, address, 9000).next({ event: 'failed' });
      expect(refused['code']).toBe('ECONNREFUSED');
      expect(refused['after']).toBeLessThan(500);
    }
    await talk(endpoint, '10.9.0.1', 8443).next({ event: 'echo' });
    await talk(endpoint, 'fd09::1', 8443).next({ event: 'echo' });
  });

  test('not one packet for anybody else leaves the cable once the call has returned', async () => {
    await serve();
    const flows = [talk(endpoint, '10.9.0.3', 9000), talk(endpoint, 'fd09::3', 9000)];
    await Promise.all(flows.map((flow) => flow.next({ event: 'echo' })));
    const filter =
      '(src host 10.9.0.2 or src host fd09::2 or ether proto 0x88b5) and not port 8443 and not icmp6 and not arp';
    const capture = network.start('tcpdump', ['-i', 'net0', '-n', '-l', '-tt', filter]);
    for (;;) {
      if (JSON.stringify(capture.eventsLike({})).includes('listening on')) break;
      await sleep(10);
    }
    const { at } = await holder.request(isolate, { event: 'applied' });
    const rejected = await Promise.all(
      ['10.9.0.3', 'fd09::3', '10.9.0.1'].map((address) => talk(endpoint, address, 9000).next({ event: 'failed' })),
    );
    expect(rejected.map((one) => one['code'])).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
    const raw =
      'import socket; s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW); s.bind(("eth0",0)); s.send(bytes.fromhex("ffffffffffff02000000000288b5")+b"x"*50)';
    expect(() => endpoint.run('python3', '-c', raw)).toThrow(/No buffer space/);
    await talk(endpoint, '10.9.0.1', 8443).next({ event: 'echo' });
    const late = capture
      .eventsLike({})
      .map((event) => Number.parseFloat(String(event['said'])) * 1000)
      .filter((time) => time > Number(at) + 1);
    capture.kill();
    expect(late).toEqual([]);
  });

  test('loopback stays', async () => {
    await holder.request(isolate, { event: 'applied' });
    const server = endpoint.start(process.execPath, [testProgram('flow.ts'), 'serve', '7000']);
    await server.next({ event: 'serving' });
    await talk(endpoint, '127.0.0.1', 7000).next({ event: 'echo' });
    await talk(endpoint, '::1', 7000).next({ event: 'echo' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
  });

  test('the proof says what is in force: digest, level and refused probes', async () => {
    await holder.request(isolate, { event: 'applied' });
    const proven = await holder.request(verify, { event: 'verified' });
    expect(proven).toMatchObject({
      proven: true,
      proof: {
        level: 'owner-persist',
        chains: 8,
        probes: [
          { probe: 'udp to 192.0.2.1', outcome: 'refused' },
          { probe: 'udp to 2001:db8::1', outcome: 'refused' },
        ],
      },
    });
  });

  test('isolating twice is isolating once', async () => {
    await holder.request(isolate, { event: 'applied' });
    const once = endpoint.run('nft', '-a', '-s', 'list', 'ruleset');
    await holder.request(isolate, { event: 'applied' });
    expect(endpoint.run('nft', '-a', '-s', 'list', 'ruleset')).toBe(once);
  });

  test('the host’s own rules are the same to the byte, during isolation and after restore', async () => {
    const before = rules();
    await holder.request(isolate, { event: 'applied' });
    expect(nothingOfOurs()).toBe(before);
    await holder.request(restore, { event: 'applied' });
    expect(rules()).toBe(before);
  });

  test('neither flushing all rules nor deleting our tables releases it', async () => {
    await holder.request(isolate, { event: 'applied' });
    const before = rules().match(/table \w+ cordon/g);
    endpoint.run('nft', 'flush', 'ruleset');
    expect(() => endpoint.run('nft', 'delete', 'table', 'inet', 'cordon')).toThrow(/not permitted/);
    expect(rules().match(/table \w+ cordon/g)).toEqual(before);
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
  });

  test('it stays when its holder is killed, and the next one takes it over', async () => {
    await holder.request(isolate, { event: 'applied' });
    const before = rules();
    holder.kill();
    await holder.exited;
    expect(withoutOwner(rules())).toBe(withoutOwner(before));
    holder = await hold();
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: false });
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    endpoint.run('nft', 'flush', 'ruleset');
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    await holder.request(restore, { event: 'applied' });
    expect(rules()).toBe('');
  });

  test('on a kernel without owner and persist, tampering is noticed and mended', async () => {
    holder.kill();
    holder = await hold({ persist: false });
    const before = rules();
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({
      proven: true,
      proof: { level: 'plain' },
    });
    endpoint.run('nft', 'insert', 'rule', 'inet', 'cordon', 'out', 'accept');
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: false });
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    endpoint.run('nft', 'flush', 'ruleset');
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: false });
    await holder.request(isolate, { event: 'applied' });
    endpoint.feed(rulesOfTheHost, 'nft', '-f', '-');
    await holder.request(restore, { event: 'applied' });
    expect(rules()).toBe(before);
  });

  test('a network device that appears later is covered at the next look', async () => {
    await holder.request(isolate, { event: 'applied' });
    endpoint.cable('late0', network, 'net1');
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: false });
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    expect(rules()).toContain('late0');
  });

  test('a leased address may be kept by DHCP, and by nothing that looks alike', async () => {
    endpoint.ip('addr del 10.9.0.2/24 dev eth0');
    endpoint.ip('addr add 10.9.0.2/24 dev eth0 valid_lft 900 preferred_lft 900');
    await holder.request(verify, { event: 'verified' });
    await holder.request(isolate, { event: 'applied' });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
    const send = (to: string, from: number, port: number): string =>
      endpoint.run('python3', '-c', broadcast, to, String(from), String(port)).trim();
    expect(send('255.255.255.255', 68, 67)).toBe('sent');
    expect(send('255.255.255.255', 68, 53)).toMatch(/not permitted/);
    expect(send('255.255.255.255', 4000, 67)).toMatch(/not permitted/);
    expect(send('10.9.0.3', 68, 67)).toMatch(/not permitted/);
  });

  test('another gateway replaces the holes in one instant, and the old one is cut', async () => {
    await serve();
    await holder.request(isolate, { event: 'applied' });
    const old = talk(endpoint, '10.9.0.1', 8443);
    await old.next({ event: 'echo' });
    await holder.request({ ...isolate, gateways: [{ address: '10.9.0.3', port: 8443 }] }, { event: 'applied' });
    await talk(endpoint, '10.9.0.3', 8443).next({ event: 'echo' });
    expect(await old.next({ event: 'failed' })).toMatchObject({ code: 'ECONNRESET' });
  });
});

function talk(from: Namespace, address: string, port: number): JsonProcess {
  return from.start(process.execPath, [testProgram('flow.ts'), 'talk', address, String(port)]);
}

function echoesOf(flow: JsonProcess): number {
  return flow.eventsLike({ event: 'echo' }).length;
}

const broadcast = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.bind(("0.0.0.0", int(sys.argv[2])))
try:
  s.sendto(b"x" * 240, (sys.argv[1], int(sys.argv[3])))
  print("sent")
except OSError as error:
  print(error)
`;

/** How nft shows the owner of a table, which changes when the owner dies. */
function withoutOwner(rules: string): string {
  return rules.replaceAll(/ # progname .*/g, '').replaceAll(/\n\tflags .*\n/g, '');
}
