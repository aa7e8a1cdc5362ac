/**
 * Turns an isolation policy into nf_tables tables, as plain data.
 *
 * Three families, because each closes what the others cannot see: inet stops everything that has an IP stack, netdev
 * stops raw sockets and macvlan, bridge stops machines that are bridged through this one. A drop is final in
 * nf_tables whatever other tables accept, so the host's own rules need not be touched.
 *
 * No connection tracking: address, port and "no inbound bare SYN" keep the management connection alive from the first
 * packet on, and depend on nothing the host may have configured.
 */
import type { Chain, Expression, Rule, Table, Verdict } from '../kernel/tables.ts';
import type { Hole, Policy } from './policy.ts';

export const tableName = 'cordon';

/** Ahead of connection tracking (-200) and of everybody who uses the documented priorities. */
const first = -500;
/** Behind source NAT (100) and everybody else: a redirect by the host's rules ends here. */
const last = 500;
/** NFT_NETDEVICE_MAX. */
const devicesPerChain = 256;

export interface Machine {
  /** All network devices but loopback. */
  readonly devices: readonly string[];
  /** Its IPv4 address is leased: without DHCP it would lose address and management in time, and never come back. */
  readonly dhcp: boolean;
  readonly features: Features;
}

/** What this kernel takes, found by trying. */
export interface Features {
  /** Table flags owner and persist, from Linux 6.9 on. */
  readonly persist: boolean;
  readonly netdev: boolean;
  readonly bridge: boolean;
  readonly reject: boolean;
}

/** The tables that must be there; none at all for a normal endpoint. */
export function rulesetFor(policy: Policy, machine: Machine): Table[] {
  if (policy.isolation === 'normal') return [];
  const { devices, features } = machine;
  const tables = [table('inet', inetChains(policy.holes, machine), features)];
  if (features.netdev && devices.length > 0) {
    tables.push(table('netdev', netdevChains(policy.holes, machine), features));
  }
  if (features.bridge) tables.push(table('bridge', [chain('fw', 'forward', { rules: [count] })], features));
  return tables;
}

function table(family: Table['family'], chains: Chain[], features: Features): Table {
  return { family, name: tableName, flags: features.persist ? ['owner', 'persist'] : [], chains };
}

function chain(name: string, hook: string, rest: { rules: Rule[]; priority?: number; devices?: string[] }): Chain {
  const { rules, priority = first, devices = [] } = rest;
  return { name, type: 'filter', hook, priority, policy: 'drop', devices, rules };
}

function inetChains(holes: readonly Hole[], { features, dhcp }: Machine): Chain[] {
  const discovery = holes.some((hole) => hole.version === 'v6');
  const inward = [fromLoopback, ...holes.map((hole) => inbound(inetFamily(hole), hole))];
  const outward = [toLoopback, ...holes.map((hole) => outbound(inetFamily(hole), hole))];
  if (discovery) {
    inward.push(...[solicitation, advertisement, routerAdvertisement].map((type) => neighbour(inet6, type)));
    outward.push(...[solicitation, advertisement].map((type) => neighbour(inet6, type)));
  }
  if (dhcp) {
    inward.push(leaseOffered(inet4));
    outward.push(leaseAsked(inet4));
  }
  return [
    chain('pre', 'prerouting', { rules: [...inward, count] }),
    chain('in', 'input', { rules: [...inward, count] }),
    chain('fw', 'forward', { rules: [count] }),
    chain('out', 'output', { rules: [...outward, ...(features.reject ? refusal : [count])] }),
    chain('post', 'postrouting', { rules: [...outward, count], priority: last }),
  ];
}

function netdevChains(holes: readonly Hole[], { devices, dhcp }: Machine): Chain[] {
  const discovery = holes.some((hole) => hole.version === 'v6');
  const inward = [arp, ...holes.map((hole) => inbound(frameFamily(hole), hole))];
  const outward = [arp, ...holes.map((hole) => outbound(frameFamily(hole), hole))];
  if (discovery) {
    inward.push(...[solicitation, advertisement, routerAdvertisement].map((type) => neighbour(frame6, type)));
    outward.push(...[solicitation, advertisement].map((type) => neighbour(frame6, type)));
  }
  if (dhcp) {
    inward.push(leaseOffered(frame4));
    outward.push(leaseAsked(frame4));
  }
  return groupsOf(devices).flatMap((group, index) => [
    chain(`ingress${index}`, 'ingress', { rules: [...inward, count], devices: group }),
    chain(`egress${index}`, 'egress', { rules: [...outward, count], devices: group }),
  ]);
}

function groupsOf(devices: readonly string[]): string[][] {
  const count = Math.ceil(devices.length / devicesPerChain);
  return Array.from({ length: count }, (_, at) => devices.slice(at * devicesPerChain, (at + 1) * devicesPerChain));
}

const tcp = '06';
const udp = '11';
const icmp6 = '3a';
const solicitation = '87';
const advertisement = '88';
/** Inbound only: an address or default route that routers announce would expire under a long isolation. */
const routerAdvertisement = '86';

const counter: Expression = { kind: 'counter' };
const count: Rule = [counter];
const inet4 = [meta('nfproto'), equal('02')];
const inet6 = [meta('nfproto'), equal('0a')];
const frame4 = [meta('protocol'), equal('0800')];
const frame6 = [meta('protocol'), equal('86dd')];
/** Loopback is device 1 in every network namespace. The kernel keeps device numbers in its own byte order. */
const fromLoopback: Rule = [meta('iif'), equal('01000000'), verdict('accept')];
const toLoopback: Rule = [meta('oif'), equal('01000000'), verdict('accept')];
const arp: Rule = [meta('protocol'), equal('0806'), verdict('accept')];

/**
 * Local programs learn at once that the network is gone, instead of hanging for minutes. The answers go to the local
 * sender over loopback; nothing leaves. Established flows are reset too, so none wakes up again after a restore.
 */
const refusal: Rule[] = [
  [meta('l4proto'), equal(tcp), counter, { kind: 'reject', with: 'tcp-reset' }],
  [counter, { kind: 'reject', with: 'admin-prohibited' }],
];

/** From the gateway's address and port; a bare SYN would be somebody there who connects to us. */
function inbound(family: readonly Expression[], hole: Hole): Rule {
  return [
    ...family,
    load('network', hole.version === 'v4' ? 12 : 8, hole.address),
    equal(hole.address),
    meta('l4proto'),
    equal(tcp),
    load('transport', 0, portBytes(hole)),
    equal(portBytes(hole)),
    load('transport', 13, '12'),
    { kind: 'mask', mask: '12' },
    { kind: 'compare', is: 'different', value: '02' },
    counter,
    verdict('accept'),
  ];
}

function outbound(family: readonly Expression[], hole: Hole): Rule {
  return [
    ...family,
    load('network', hole.version === 'v4' ? 16 : 24, hole.address),
    equal(hole.address),
    meta('l4proto'),
    equal(tcp),
    load('transport', 2, portBytes(hole)),
    equal(portBytes(hole)),
    counter,
    verdict('accept'),
  ];
}

/**
 * DHCP (RFC 2131) as broadcast only, from port 68 to port 67: it reaches the link and nothing behind it. A renewal
 * sent straight to the DHCP server is refused like all else; clients then ask again by broadcast.
 */
function leaseAsked(family: readonly Expression[]): Rule {
  const everybody = 'ffffffff';
  return [
    ...family,
    load('network', 16, everybody),
    equal(everybody),
    ...udpPorts('00440043'),
    counter,
    verdict('accept'),
  ];
}

function leaseOffered(family: readonly Expression[]): Rule {
  return [...family, ...udpPorts('00430044'), counter, verdict('accept')];
}

/** Source and destination port, two bytes each. */
function udpPorts(both: string): Expression[] {
  return [meta('l4proto'), equal(udp), load('transport', 0, both), equal(both)];
}

/** Neighbour discovery (RFC 4861): hop limit 255 proves that no router has forwarded it, so it cannot leave the link. */
function neighbour(family: readonly Expression[], type: string): Rule {
  return [
    ...family,
    load('network', 7, 'ff'),
    equal('ff'),
    meta('l4proto'),
    equal(icmp6),
    load('transport', 0, type),
    equal(type),
    counter,
    verdict('accept'),
  ];
}

function inetFamily(hole: Hole): Expression[] {
  return hole.version === 'v4' ? inet4 : inet6;
}

function frameFamily(hole: Hole): Expression[] {
  return hole.version === 'v4' ? frame4 : frame6;
}

function portBytes(hole: Hole): string {
  return hole.port.toString(16).padStart(4, '0');
}

function meta(key: Extract<Expression, { kind: 'meta' }>['key']): Expression {
  return { kind: 'meta', key };
}

function equal(value: string): Expression {
  return { kind: 'compare', is: 'equal', value };
}

/** Loads as many bytes as `like` has. */
function load(base: 'network' | 'transport', offset: number, like: string): Expression {
  return { kind: 'payload', base, offset, length: like.length / 2 };
}

function verdict(word: Verdict): Expression {
  return { kind: 'verdict', verdict: word };
}
