/** Where the server may connect: names are resolved, and each address is checked before use. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { literalNetworks, parseAddress } from '@cordon/protocol/addresses';
import type { Address, Network } from '@cordon/protocol/addresses';

export interface DestinationRules {
  /** Whether private networks and this machine may be called. */
  readonly allowPrivate: boolean;
  /** Only this machine, for unencrypted connections. */
  readonly loopbackOnly?: boolean;
}

const never = literalNetworks(
  // Unspecified: most systems connect to themselves at such an address.
  '0.0.0.0/8',
  '::/128',
  // Link-local: includes the metadata services of clouds, which hand out keys.
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  // Multicast, reserved, broadcast.
  '224.0.0.0/4',
  '240.0.0.0/4',
  'ff00::/8',
);
const loopback = literalNetworks('127.0.0.0/8', '::1/128');
const privateNetworks = literalNetworks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fec0::/10',
);

/** Why this address is refused; undefined if it is allowed. */
export function refusal(address: string, rules: DestinationRules): string | undefined {
  const parsed = parseAddress(address.split('%')[0] ?? '');
  if (parsed === undefined) return `"${address}" is no address.`;
  const inner = innerAddress(parsed);
  if (isIn(never, inner)) return `${address} is a link-local, unspecified or multicast address.`;
  if (rules.loopbackOnly === true && !isIn(loopback, inner))
    return `${address} is another machine, and plain HTTP to it was not allowed.`;
  if (!rules.allowPrivate && (isIn(loopback, inner) || isIn(privateNetworks, inner)))
    return `${address} is a private address, and this server is set to call none.`;
  return undefined;
}

/** A host name without brackets, or undefined if it is a refused literal address. */
export function literalRefusal(host: string, rules: DestinationRules): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : refusal(bare, rules);
}

/**
 * Resolves a name for a socket and returns only allowed addresses. The socket connects to exactly these, so a name that
 * resolves differently next time gains nothing.
 */
export function checkedLookup(rules: DestinationRules): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      const refusals = addresses.map((one) => refusal(one.address, rules));
      const allowed = addresses.filter((_, index) => refusals[index] === undefined);
      const [first] = allowed;
      if (first === undefined) return done(new Error(`${host}: ${refusals[0] ?? 'the name has no address.'}`), []);
      if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

/** The IPv4 address inside a mapped, translated, compatible, NAT64 or 6to4 one: where its packets arrive. */
function innerAddress(address: Address): Address {
  if (address.version === 4) return address;
  const group = (index: number): bigint => (address.value >> BigInt(112 - 16 * index)) & 0xffffn;
  const before = address.value >> 32n;
  const isMapped = before === 0xffffn || (before < 0xffffn && group(6) !== 0n);
  // RFC 2765: ::ffff:0:a.b.c.d.
  const isTranslated = before === 0xffff_0000n;
  const isNat64 = before === 0x64_ff9bn << 64n || before >> 48n === 0x64_ff9b_0001n;
  if (isMapped || isTranslated || isNat64) return ipv4Of(address.value);
  if (group(0) === 0x2002n) return ipv4Of(address.value >> 80n);
  return address;
}

/** The IPv4 address in the last 32 bits. */
function ipv4Of(bits: bigint): Address {
  return { version: 4, value: bits & 0xffff_ffffn };
}

function isIn(networks: readonly Network[], { version, value }: Address): boolean {
  return networks.some((one) => one.version === version && one.first <= value && value <= one.last);
}
