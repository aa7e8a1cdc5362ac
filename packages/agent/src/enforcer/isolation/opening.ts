/** What an isolation lets through besides loopback: a gateway, or an exception of a profile, in one form for both. */
import { addressHex, parseNetwork } from '@cordon/protocol/addresses';
import type { Exception } from '@cordon/protocol/channel';
import { addressBytes } from '../../kernel/ip-address.ts';

export interface Opening {
  readonly version: 'v4' | 'v6';
  /** 4 or 16 bytes in hex; the bits after the prefix are zero. */
  readonly network: string;
  readonly prefix: number;
  readonly protocol: 'tcp' | 'udp';
  /** `out`: the endpoint opens the connection, the ports are the peer's. `in`: the peer does, the ports are ours. */
  readonly direction: 'in' | 'out';
  readonly first: number;
  readonly last: number;
}

const everyPort = { first: 0, last: 65_535 } as const;

/** An Error when it is none: such a desired state is refused whole rather than applied in part. */
export function openingFor({ direction, protocol, network, ports }: Exception): Opening {
  const { first, last } = ports ?? everyPort;
  if (first > last) throw new Error(`The exception for ${network} ends at port ${last}, before its first, ${first}.`);
  return { ...networkOf(network), protocol, direction, first, last };
}

/** A gateway of a desired state: one TCP service that the endpoint reaches. */
export function openingForGateway(gateway: { address: string; port: number }): Opening {
  const bytes = addressBytes(gateway.address);
  if (!bytes) {
    throw new Error(
      `The gateway address "${gateway.address}" is no literal IP address. Names cannot be resolved on an isolated endpoint; give the server's address.`,
    );
  }
  const { port } = gateway;
  return { ...hostOf(bytes), protocol: 'tcp', direction: 'out', first: port, last: port };
}

/** Sorted and without duplicates, so that the same openings in another sequence give the same ruleset. */
export function distinct(openings: readonly Opening[]): Opening[] {
  const byKey = new Map(openings.map((one) => [keyOf(one), one]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

interface Packet {
  readonly version: 'v4' | 'v6';
  /** Of the peer. */
  readonly address: Buffer;
  readonly protocol: 'tcp' | 'udp';
  /** Of the peer. */
  readonly port: number;
}

/** True when this packet of ours may pass. Inbound openings use our own port, which may be any. */
export function mayPass(opening: Opening, { version, address, protocol, port }: Packet): boolean {
  if (opening.version !== version || opening.protocol !== protocol) return false;
  if (masked(address, opening.prefix).toString('hex') !== opening.network) return false;
  return opening.direction === 'in' || (port >= opening.first && port <= opening.last);
}

/** An Error when the text is no address or network. */
export function networkOf(text: string): Pick<Opening, 'version' | 'network' | 'prefix'> {
  const network = parseNetwork(text);
  if (!network) throw new Error(`"${text}" is no network. Write an address, or 192.0.2.0/24, or 2001:db8::/32.`);
  const { version, prefix, first } = network;
  return { version: version === 4 ? 'v4' : 'v6', network: addressHex({ version, value: first }), prefix };
}

function hostOf(bytes: Buffer): Pick<Opening, 'version' | 'network' | 'prefix'> {
  return { version: bytes.length === 4 ? 'v4' : 'v6', network: bytes.toString('hex'), prefix: bytes.length * 8 };
}

function masked(bytes: Buffer, prefix: number): Buffer {
  const mask = maskOf(prefix, bytes.length);
  return Buffer.from(bytes.map((byte, index) => byte & (mask[index] ?? 0)));
}

/** `size` bytes, of which the first `prefix` bits are set. */
export function maskOf(prefix: number, size: number): Buffer {
  const bits = (index: number): number => Math.min(8, Math.max(0, prefix - index * 8));
  return Buffer.from(Array.from({ length: size }, (_, index) => 0xff & (0xff00 >> bits(index))));
}

function keyOf({ version, network, prefix, protocol, direction, first, last }: Opening): string {
  const ports = [first, last].map((port) => String(port).padStart(5, '0')).join('-');
  return [version, network, String(prefix).padStart(3, '0'), protocol, direction, ports].join(' ');
}
