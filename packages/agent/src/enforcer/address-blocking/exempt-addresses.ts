/** Lists the addresses that no listed network may cut off: without them the endpoint is lost or impaired. */
import { formatHexAddress } from '@cordon/protocol/addresses';
import { bitsOf, joined, networkIn } from './spans.ts';
import type { Network, Span, IpVersion } from './spans.ts';

export interface ExemptAddress {
  readonly network: Network;
  /** What it is, as text. */
  readonly what: string;
}

/**
 * Loopback; "this host" and broadcast, which DHCP needs; and what IPv6 uses to find neighbours and routers: the
 * unspecified address, link-local addresses, and multicast on the link.
 */
const always: readonly (readonly [string, string])[] = [
  ['127.0.0.0/8', 'loopback'],
  ['0.0.0.0/32', 'leases'],
  ['255.255.255.255/32', 'leases'],
  ['224.0.0.0/24', 'the link itself'],
  ['::1/128', 'loopback'],
  ['::/128', 'neighbour discovery'],
  ['fe80::/10', 'the link itself'],
  ['ff02::/16', 'the link itself'],
];

/** Leaves out gateways given by name: the desired state has addresses. */
export function exemptAddresses({
  gateways,
  own,
}: {
  gateways: readonly string[];
  own: readonly string[];
}): ExemptAddress[] {
  return [
    ...gateways.flatMap((text) => kept(text, 'a server')),
    // In hex, as the kernel returns them.
    ...own.flatMap((hex) => kept(formatHexAddress(hex), 'of this host')),
    ...always.flatMap(([text, what]) => kept(text, what)),
  ];
}

export function exemptSpans(all: readonly ExemptAddress[], version: IpVersion): Span[] {
  return joined(all.map(({ network }) => network).filter((one) => one.version === version));
}

/** `10.9.0.1 (a server)` */
export function exemptText({ network, what }: ExemptAddress): string {
  const { version, prefix, first } = network;
  const address = formatHexAddress(first.toString(16).padStart(bitsOf[version] / 4, '0'));
  return `${address}${prefix === bitsOf[version] ? '' : `/${prefix}`} (${what})`;
}

function kept(text: string, what: string): ExemptAddress[] {
  const network = networkIn(text);
  return network ? [{ network, what }] : [];
}
