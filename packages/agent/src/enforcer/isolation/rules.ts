/** The rules of an isolation, each as the steps that a packet must pass. */
import type { Expression, Rule, Verdict } from '../../kernel/nftables/tables.ts';
import { maskOf } from './opening.ts';
import type { Opening } from './opening.ts';

export type Version = 'v4' | 'v6';
/** How a chain checks the IP version: inet by protocol family, netdev by the type of the frame. */
export type Families = Readonly<Record<Version, readonly Expression[]>>;

const tcp = '06';
const udp = '11';
const icmp6 = '3a';
const neighbourTypes = { solicitation: '87', advertisement: '88', routerAdvertisement: '86' } as const;

const counter: Expression = { kind: 'counter' };
const accepted: readonly Expression[] = [counter, verdict('accept')];
/** Ahead of the policy, so that dropped packets can be counted. */
export const count: Rule = [counter];
/** Loopback is device 1 in every network namespace. The kernel keeps device numbers in its own byte order. */
export const fromLoopback: Rule = [meta('iif'), equal('01000000'), verdict('accept')];
export const toLoopback: Rule = [meta('oif'), equal('01000000'), verdict('accept')];
export const arp: Rule = [meta('protocol'), equal('0806'), verdict('accept')];
export const inetFamilies: Families = {
  v4: [meta('nfproto'), equal('02')],
  v6: [meta('nfproto'), equal('0a')],
};
export const frameFamilies: Families = {
  v4: [meta('protocol'), equal('0800')],
  v6: [meta('protocol'), equal('86dd')],
};

/**
 * Local programs learn at once that the network is gone, instead of hanging for minutes. The answers go to the local
 * sender over loopback; nothing leaves. Established flows are reset too, so none resumes after a release.
 */
export const refusal: readonly Rule[] = [
  [meta('l4proto'), equal(tcp), counter, { kind: 'reject', with: 'tcp-reset' }],
  [counter, { kind: 'reject', with: 'admin-prohibited' }],
];

/**
 * What may come in through an opening. As tight as stateless rules can be: addresses, ports, and for TCP who may begin.
 * So a peer of an `out` opening can send from its named ports to any port of ours, but no bare SYN, so it cannot
 * connect; UDP has no such mark, so a peer of a UDP opening may begin, too.
 */
export function inbound(families: Families, opening: Opening): Rule {
  return [
    ...families[opening.version],
    ...inNetwork(opening.version === 'v4' ? 12 : 8, opening),
    ...ofProtocol(opening),
    ...ports(opening.direction === 'out' ? 0 : 2, opening),
    ...(opening.direction === 'out' ? notBeginning(opening) : []),
    ...accepted,
  ];
}

/** What may go out through it. From the ports of an `in` opening we answer, and begin nothing. */
export function outbound(families: Families, opening: Opening): Rule {
  return [
    ...families[opening.version],
    ...inNetwork(opening.version === 'v4' ? 16 : 24, opening),
    ...ofProtocol(opening),
    ...ports(opening.direction === 'out' ? 2 : 0, opening),
    ...(opening.direction === 'in' ? notBeginning(opening) : []),
    ...accepted,
  ];
}

/** Neighbour discovery (RFC 4861), without which IPv6 reaches nobody. */
export function neighboursIn({ v6 }: Families): Rule[] {
  // Announced routers inbound only: an address or route that they announce would expire under a long isolation.
  return Object.values(neighbourTypes).map((type) => neighbour(v6, type));
}

export function neighboursOut({ v6 }: Families): Rule[] {
  const { solicitation, advertisement } = neighbourTypes;
  return [solicitation, advertisement].map((type) => neighbour(v6, type));
}

/** Hop limit 255 proves that no router has forwarded it, so it cannot leave the link. */
function neighbour(family: readonly Expression[], type: string): Rule {
  const fromHere = [load('network', 7, 'ff'), equal('ff')];
  return [...family, ...fromHere, meta('l4proto'), equal(icmp6), load('transport', 0, type), equal(type), ...accepted];
}

/**
 * DHCP (RFC 2131) as broadcast only, from port 68 to port 67: it reaches the link and nothing beyond. A renewal sent
 * straight to the DHCP server is refused like everything else; clients then ask again by broadcast. DHCPv6 (RFC 8415)
 * is sent to "all servers and relays" of the link anyway.
 */
export function leaseAsked(families: Families, version: Version): Rule {
  const [offset, everybody] = version === 'v4' ? [16, 'ffffffff'] : [24, 'ff020000000000000000000000010002'];
  const addressed = [load('network', offset, everybody), equal(everybody)];
  return [...families[version], ...addressed, ...udpPorts(version === 'v4' ? '00440043' : '02220223'), ...accepted];
}

/** DHCPv6 answers come from a link-local address (fe80::/10): a relay or server on this link. */
export function leaseOffered(families: Families, version: Version): Rule {
  if (version === 'v4') return [...families.v4, ...udpPorts('00430044'), ...accepted];
  const linkLocal = inNetwork(8, { network: 'fe80'.padEnd(32, '0'), prefix: 10 });
  return [...families.v6, ...linkLocal, ...udpPorts('02230222'), ...accepted];
}

/** Whole bytes need no mask; nft writes it the same way. */
function inNetwork(offset: number, { network, prefix }: Pick<Opening, 'network' | 'prefix'>): Expression[] {
  if (prefix === 0) return [];
  if (prefix % 8 === 0) {
    const desired = network.slice(0, prefix / 4);
    return [load('network', offset, desired), equal(desired)];
  }
  const mask = maskOf(prefix, network.length / 2).toString('hex');
  return [load('network', offset, network), { kind: 'mask', mask }, equal(network)];
}

function ofProtocol({ protocol }: Opening): Expression[] {
  return [meta('l4proto'), equal(protocol === 'tcp' ? tcp : udp)];
}

/** The source port is at 0, the destination port at 2, in TCP and UDP alike. */
function ports(offset: number, { first, last }: Opening): Expression[] {
  const [from, to] = [first, last].map((port) => port.toString(16).padStart(4, '0'));
  if (from === undefined || to === undefined || (first === 0 && last === 65_535)) return [];
  if (from === to) return [load('transport', offset, from), equal(from)];
  return [
    load('transport', offset, from),
    { kind: 'compare', is: 'at-least', value: from },
    load('transport', offset, to),
    { kind: 'compare', is: 'at-most', value: to },
  ];
}

/** No bare SYN, which is how TCP begins; a SYN with ACK is an answer. */
function notBeginning({ protocol }: Opening): Expression[] {
  if (protocol === 'udp') return [];
  return [load('transport', 13, '12'), { kind: 'mask', mask: '12' }, { kind: 'compare', is: 'different', value: '02' }];
}

/** Source and destination port, two bytes each. */
function udpPorts(both: string): Expression[] {
  return [meta('l4proto'), equal(udp), load('transport', 0, both), equal(both)];
}

export function meta(key: Extract<Expression, { kind: 'meta' }>['key']): Expression {
  return { kind: 'meta', key };
}

export function equal(value: string): Expression {
  return { kind: 'compare', is: 'equal', value };
}

/** Loads as many bytes as `like` has. */
export function load(base: 'network' | 'transport', offset: number, like: string): Expression {
  return { kind: 'payload', base, offset, length: like.length / 2 };
}

export function verdict(word: Verdict): Expression {
  return { kind: 'verdict', verdict: word };
}
