/** Tells how this network namespace comes by the IPv4 address with which it reaches somebody (rtnetlink). */
import { attribute, attributesIn, flag, message, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import type { NetlinkSocket } from './socket.ts';

const getAddress = 22;
const getRoute = 26;
/** struct ifaddrmsg: family, prefix length, flags, scope, index (4 bytes). */
const addressHeader = 8;
/** struct rtmsg: family, destination and source prefix lengths, and nine bytes of which a lookup needs none. */
const routeHeader = 12;
const version4 = 2;
/** IFA_F_PERMANENT: set by hand, for ever. An address that was leased has a lifetime instead. */
const permanent = 0x80;
const attributes = { localAddress: 2, destination: 1, preferredSource: 7 } as const;

/**
 * True when the address with which `destination` (4 bytes, hex) is reached was leased, or when there is no way there
 * yet: without DHCP this machine would drop off the network in time, or never come onto it.
 */
export function needsDhcp(socket: NetlinkSocket, destination: string): boolean {
  const source = sourceOf(socket.ask(encodeLookup(destination)));
  if (source === undefined) return true;
  const request = message({ type: getAddress, flags: flag.request | flag.dump, sequence: 1 }, [
    Buffer.alloc(addressHeader),
  ]);
  return !permanentAddresses(socket.dump(request, 'Listing the addresses')).includes(source);
}

function encodeLookup(destination: string): Buffer {
  const header = Buffer.alloc(routeHeader);
  header.set([version4, 32]);
  const to = attribute(attributes.destination, Buffer.from(destination, 'hex'));
  return message({ type: getRoute, flags: flag.request, sequence: 1 }, [header, to]);
}

/** In hex; undefined when the kernel knows no route. */
export function sourceOf(answer: Message | undefined): string | undefined {
  if (!answer) return undefined;
  return valueOf(attributesIn(answer.payload.subarray(routeHeader)), attributes.preferredSource)?.toString('hex');
}

/** In hex. */
export function permanentAddresses(messages: readonly Message[]): string[] {
  return messages.flatMap(({ payload }) => {
    if (payload.length < addressHeader || payload[0] !== version4 || ((payload[2] ?? 0) & permanent) === 0) return [];
    const address = valueOf(attributesIn(payload.subarray(addressHeader)), attributes.localAddress);
    return address ? [address.toString('hex')] : [];
  });
}
