/** What isolation means on this endpoint: nothing, or everything cut but a hole for each gateway. */
import { isIPv4, isIPv6 } from 'node:net';

export type Policy =
  { readonly isolation: 'normal' } | { readonly isolation: 'isolated'; readonly holes: readonly Hole[] };

/** One TCP service that stays reachable. */
export interface Hole {
  readonly version: 'v4' | 'v6';
  /** 4 or 16 bytes in hex. */
  readonly address: string;
  readonly port: number;
}

/** The policy of a wanted document; an Error when a gateway's address is no literal IP address. */
export function policyOf(wanted: {
  isolation: 'normal' | 'isolated';
  gateways: readonly { address: string; port: number }[];
}): Policy {
  const holes = wanted.gateways.map((gateway) => holeFor(gateway));
  return wanted.isolation === 'normal' ? { isolation: 'normal' } : { isolation: 'isolated', holes: distinct(holes) };
}

function holeFor(gateway: { address: string; port: number }): Hole {
  const bytes = addressBytes(gateway.address);
  if (!bytes) {
    throw new Error(
      `The gateway address "${gateway.address}" is no literal IP address. Names cannot be resolved on an isolated endpoint; give the server's address.`,
    );
  }
  return { version: bytes.length === 4 ? 'v4' : 'v6', address: bytes.toString('hex'), port: gateway.port };
}

/** Sorted and without doubles, so that the same gateways in another order are the same ruleset. */
function distinct(holes: readonly Hole[]): Hole[] {
  const byKey = new Map(holes.map((hole) => [`${hole.version} ${hole.address} ${hole.port}`, hole]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

/** 4 or 16 bytes, or undefined. IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4, because that is what goes over the wire. */
export function addressBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  // A zone (`%eth0`) is a matter of one machine; a signed document cannot know it.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = ipv6Bytes(text);
  return bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff' ? bytes.subarray(12) : bytes;
}

function ipv6Bytes(text: string): Buffer {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => groupsOf(dotted).join(':'));
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groupsOf(dotted: string): string[] {
  const hex = Buffer.from(dotted.split('.').map(Number)).toString('hex');
  return [hex.slice(0, 4), hex.slice(4)];
}
