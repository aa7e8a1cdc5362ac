/** Where a server may be made to connect: names are resolved, and every address is judged before it is connected to. */
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

export interface DestinationRules {
  /** Whether addresses of private networks and of this machine may be called. */
  readonly allowPrivate: boolean;
  /** Nothing but this machine, for what travels in the clear. */
  readonly loopbackOnly?: boolean;
}

const never = blockList(
  // Unspecified: most systems connect such an address to themselves.
  ['0.0.0.0/8', '::/128'],
  // Link-local: among these are the metadata services of clouds, which hand out keys.
  ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32', '100.100.100.200/32', '168.63.129.16/32'],
  // Multicast, reserved, broadcast.
  ['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8'],
);
const loopback = blockList(['127.0.0.0/8', '::1/128']);
const privateNetworks = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fec0::/10',
]);

/** Why this address must not be connected to; undefined when it may. */
export function refusal(address: string, rules: DestinationRules): string | undefined {
  const plain = insideOf(address);
  if (isIP(plain) === 0) return `"${address}" is no address.`;
  if (holds(never, plain)) return `${address} is a link-local, unspecified or multicast address.`;
  if (rules.loopbackOnly === true && !holds(loopback, plain))
    return `${address} is another machine, and plain HTTP to it was not allowed.`;
  if (!rules.allowPrivate && (holds(loopback, plain) || holds(privateNetworks, plain)))
    return `${address} is a private address, and this server is set to call none.`;
  return undefined;
}

/** A host name without brackets, or undefined when it is a literal address that must not be connected to. */
export function literalRefusal(host: string, rules: DestinationRules): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : refusal(bare, rules);
}

/**
 * Resolves a name for a socket, and hands out only addresses that may be connected to. The socket connects to these
 * very addresses, so a name that answers differently the next time gains nothing.
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

/** The IPv4 address in a mapped, translated, compatible, NAT64 or 6to4 one: what packets to it come out at. */
function insideOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = groupsOf(address);
  const [first = 0, second = 0, third = 0] = groups;
  const [high = 0, low = 0] = groups.slice(6);
  const start = groups.slice(0, 6);
  const isMapped = start.slice(0, 5).every((group) => group === 0) && (start[5] === 0xffff || high !== 0);
  // RFC 2765: ::ffff:0:a.b.c.d.
  const isTranslated = start.slice(0, 4).every((group) => group === 0) && start[4] === 0xffff && start[5] === 0;
  const isNat64 = first === 0x64 && second === 0xff9b && (third === 1 || start.slice(2).every((group) => group === 0));
  if (isMapped || isTranslated || isNat64) return dotted(high, low);
  if (first === 0x2002) return dotted(second, third);
  return address;
}

function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address.split('%')[0] ?? ''}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address.split('%')[0] ?? '', isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blockList(...groups: readonly (readonly string[])[]): BlockList {
  const list = new BlockList();
  for (const network of groups.flat()) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
