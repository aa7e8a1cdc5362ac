/**
 * An endpoint with every way out for packets: a cable to a switch with gateway and neighbour, a container behind NAT, a
 * bridged machine on a second cable, and a macvlan. Packets are counted at the switch's end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { Namespace } from '../harness/network-namespace.ts';
import { eventually } from '../harness/eventually.ts';
import { Actor } from './actor.ts';

export const gateways = [
  { address: '10.9.0.1', port: 8443 },
  { address: 'fd09::1', port: 8443 },
];
export const isolate = { do: 'apply', isolation: 'isolated', gateways } as const;
export const restore = { do: 'apply', isolation: 'normal', gateways } as const;
export const verify = { do: 'verify', isolation: 'isolated', gateways } as const;

const inside = fileURLToPath(new URL('../agent/inside.ts', import.meta.url));

/** `stray`: all that an isolated endpoint may not send; `spoken`: stray without IPv6's own messages. */
const judge = `
table netdev seen {
  counter stray { }
  counter spoken { }
  chain judge {
    meta protocol arp accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    ip saddr 10.9.0.2 ip daddr 10.9.0.1 tcp dport 8443 accept
    ip6 saddr fd09::2 ip6 daddr fd09::1 tcp dport 8443 accept
    counter name stray
    meta l4proto ipv6-icmp icmpv6 type != { echo-request, echo-reply } accept
    counter name spoken
  }
  chain net0 { type filter hook ingress device net0 priority 0; policy accept; jump judge; }
  chain net1 { type filter hook ingress device net1 priority 0; policy accept; jump judge; }
}
`;

/** Like the rules of a container engine and a firewall front end: they accept early. */
export const rulesOfTheHost = `
table ip nat {
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local counter jump DOCKER; }
  chain OUTPUT { type nat hook output priority -100; policy accept; ip daddr 10.99.0.1 tcp dport 80 counter dnat to 10.9.0.3:9000; }
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
  chain early { type filter hook prerouting priority -10000; policy accept; accept; }
  chain late { type filter hook input priority 10000; policy accept; accept; }
  chain last { type filter hook postrouting priority 10000; policy accept; accept; }
}
`;

type Place = 'endpoint' | 'network' | 'container' | 'machine' | 'macvlan';

export class Site {
  readonly endpoint: Namespace;
  readonly network: Namespace;
  readonly #all: Namespace[];
  readonly #actors = new Map<string, Actor>();
  #holder: JsonProcess | undefined;

  /** With `gateway` false the gateway's port stays free. */
  static async make({ gateway = true } = {}): Promise<Site> {
    const made = await Promise.all(Array.from({ length: 5 }, () => Namespace.make()));
    const [endpoint, network, container, machine, macvlan] = made;
    if (!endpoint || !network || !container || !machine || !macvlan) throw new Error('Five namespaces were asked for.');
    const site = new Site({ endpoint, network, all: made });
    wire({ endpoint, network, container, machine, macvlan });
    const places = { endpoint, network, container, machine, macvlan };
    await Promise.all(Object.entries(places).map(([place, namespace]) => site.#settle(place, namespace)));
    await site.act('network', { do: 'serve', ports: gateway ? [8443, 9000, 9001] : [9000, 9001] });
    await site.act('endpoint', { do: 'serve', ports: [7000, 7001] });
    await site.act('container', { do: 'serve', ports: [80] });
    return site;
  }

  private constructor(parts: { endpoint: Namespace; network: Namespace; all: Namespace[] }) {
    this.endpoint = parts.endpoint;
    this.network = parts.network;
    this.#all = parts.all;
  }

  async act(place: Place | 'nested', act: { do: string } & Event): Promise<Event> {
    const actor = this.#actors.get(place);
    if (!actor) throw new Error(`Nobody is in ${place}.`);
    return actor.act(act);
  }

  /** The packets that came out at the switch during an action. */
  async count(place: Place | 'nested', act: { do: string } & Event): Promise<{ stray: number; spoken: number }> {
    const before = this.counters();
    await this.act(place, act);
    // A packet that was not dropped has arrived by now; a later one would be counted with the next action.
    await sleep(15);
    const after = this.counters();
    return { stray: after.stray - before.stray, spoken: after.spoken - before.spoken };
  }

  /** How many packets of the flow itself came out at the switch, once there is one. */
  async passing(place: Place | 'nested', act: { do: string } & Event): Promise<number> {
    const { spoken } = this.counters();
    await this.act(place, act);
    return eventually(
      `a packet of ${place} comes out at the switch`,
      () => this.counters().spoken - spoken || undefined,
    );
  }

  counters(): { stray: number; spoken: number } {
    const listed = this.network.run('nft', 'list', 'counters', 'table', 'netdev', 'seen');
    const of = (name: string): number =>
      Number(new RegExp(`counter ${name} \\{\\s+packets (\\d+)`).exec(listed)?.[1] ?? Number.NaN);
    return { stray: of('stray'), spoken: of('spoken') };
  }

  /** A new namespace that the endpoint routes for. */
  async nest(): Promise<void> {
    const nested = await Namespace.make();
    this.#all.push(nested);
    this.endpoint.cable('n0', nested, 'eth0');
    this.endpoint.ip('addr add 10.7.0.1/24 dev n0');
    nested.ip('addr add 10.7.0.2/24 dev eth0');
    nested.ip('route add default via 10.7.0.1');
    await this.#settle('nested', nested);
  }

  /** Starts the process that enforces the isolation; see test/agent/inside.ts for the options. */
  async hold(options: Event = {}): Promise<JsonProcess> {
    this.#holder?.kill();
    this.#holder = this.endpoint.start(process.execPath, [inside, JSON.stringify(options)]);
    await this.#holder.next({ event: 'ready' });
    return this.#holder;
  }

  rules(): string {
    return this.endpoint.run('nft', '-s', 'list', 'ruleset');
  }

  close(): void {
    for (const one of this.#all) one.close();
  }

  async #settle(place: string, namespace: Namespace): Promise<void> {
    this.#actors.set(place, await Actor.in(namespace));
  }
}

function wire(places: Record<Place, Namespace>): void {
  const { endpoint, network, container, machine, macvlan } = places;
  endpoint.cable('eth0', network, 'net0');
  endpoint.cable('eth1', network, 'net1');
  endpoint.cable('c0', container, 'eth0');
  endpoint.cable('b0', machine, 'eth0');
  for (const command of [
    'link add m0 link eth0 type macvlan mode bridge',
    `link set m0 netns ${macvlan.pid}`,
    'link add br0 type bridge',
    'link set br0 up',
    'link set eth1 master br0',
    'link set b0 master br0',
    'addr add 10.9.0.2/24 brd + dev eth0',
    'addr add fd09::2/64 dev eth0 nodad',
    'addr add 10.8.0.1/24 dev c0',
    'addr add fd08::1/64 dev c0 nodad',
    'route add default via 10.9.0.1',
    '-6 route add default via fd09::1',
  ]) {
    endpoint.ip(command);
  }
  for (const address of ['10.9.0.1/24', '10.9.0.3/24', 'fd09::1/64', 'fd09::3/64']) {
    network.ip(`addr add ${address} dev net0${address.includes(':') ? ' nodad' : ''}`);
  }
  network.ip('addr add fe80::3/64 dev net0 nodad');
  network.ip('addr add 10.10.0.1/24 dev net1');
  network.ip('-6 route add fd08::/64 via fd09::2');
  machine.ip('addr add 10.10.0.2/24 dev eth0');
  macvlan.ip('link set m0 up');
  macvlan.ip('addr add 10.9.0.5/24 dev m0');
  container.ip('addr add 10.8.0.2/24 dev eth0');
  container.ip('addr add fd08::2/64 dev eth0 nodad');
  container.ip('route add default via 10.8.0.1');
  container.ip('-6 route add default via fd08::1');
  setting(endpoint, 'net/ipv4/ip_forward', 1);
  setting(endpoint, 'net/ipv6/conf/all/forwarding', 1);
  endpoint.feed(rulesOfTheHost, 'nft', '-f', '-');
  network.feed(judge, 'nft', '-f', '-');
}

export function setting(namespace: Namespace, name: string, value: number): void {
  namespace.feed(String(value), 'tee', `/proc/sys/${name}`);
}
