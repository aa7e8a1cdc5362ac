/** Lists the addresses of this network namespace, and which are leased (rtnetlink). */
import { attributesIn, flag, message, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import { routeTo } from './routes.ts';
import type { NetlinkSocket } from './socket.ts';

const getAddress = 22;
/** struct ifaddrmsg: family, prefix length, flags, scope, index (4 bytes). */
const headerSize = 8;
/** IFA_F_PERMANENT: configured by hand. An address that was leased, or announced by a router, has a lifetime. */
const permanent = 0x80;
/** IFA_LOCAL is the own address; IPv6 has IFA_ADDRESS only. */
const attributes = { address: 1, local: 2 } as const;

/**
 * True when the address through which `destination` (4 or 16 bytes, hex) is reached was leased, or when there is no
 * route yet: without DHCP this machine would drop off the network in time, or never come onto it.
 */
export function needsDhcp(socket: NetlinkSocket, destination: string): boolean {
  const source = routeTo(socket, destination)?.source;
  if (source === undefined) return true;
  return !permanentAddresses(socket.dump(addressesRequest(), 'Listing the addresses')).includes(source);
}

/** In hex. */
export function permanentAddresses(messages: readonly Message[]): string[] {
  return messages.flatMap((one) => (((one.payload[2] ?? 0) & permanent) === 0 ? [] : addressIn(one)));
}

/** All addresses of this network namespace, in hex. */
export function ownAddresses(socket: NetlinkSocket): string[] {
  return socket.dump(addressesRequest(), 'Listing the addresses').flatMap((one) => addressIn(one));
}

function addressesRequest(): Buffer {
  return message({ type: getAddress, flags: flag.request | flag.dump, sequence: 1 }, [Buffer.alloc(headerSize)]);
}

function addressIn({ payload }: Message): string[] {
  if (payload.length < headerSize) return [];
  const found = attributesIn(payload.subarray(headerSize));
  const address = valueOf(found, attributes.local) ?? valueOf(found, attributes.address);
  return address ? [address.toString('hex')] : [];
}
