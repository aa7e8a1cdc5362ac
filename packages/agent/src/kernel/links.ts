/** Lists the network devices of this network namespace (rtnetlink; /sys shows those of whoever mounted it). */
import { attributesIn, flag, message, textOf, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import type { NetlinkSocket } from './socket.ts';

const getLink = 18;
const interfaceName = 3;
const loopbackType = 772;
/** struct ifinfomsg: family, padding, type (2 bytes), index, flags, change. */
const headerSize = 16;

/** The names of all devices but loopback, sorted. */
export function networkDevices(socket: NetlinkSocket): string[] {
  const request = message({ type: getLink, flags: flag.request | flag.dump, sequence: 1 }, [Buffer.alloc(headerSize)]);
  return devicesIn(socket.dump(request, 'Listing the network devices'));
}

export function devicesIn(messages: readonly Message[]): string[] {
  return messages
    .filter((one) => one.payload.length >= headerSize && one.payload.readUInt16LE(2) !== loopbackType)
    .map((one) => textOf(valueOf(attributesIn(one.payload.subarray(headerSize)), interfaceName)))
    .filter((name) => name !== '')
    .sort();
}
