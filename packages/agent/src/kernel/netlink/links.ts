/** Lists the network devices of this network namespace (rtnetlink; /sys shows those of the namespace that mounted it). */
import { attributesIn, flag, message, textOf, valueOf } from './netlink.ts';
import type { Message } from './netlink.ts';
import type { NetlinkSocket } from './socket.ts';

const getLink = 18;
const loopbackType = 772;
/** IFLA_IFNAME, IFLA_LINKINFO, and IFLA_INFO_KIND in it. */
const attributes = { name: 3, information: 18, kind: 1 } as const;
/** struct ifinfomsg: family, padding, type (2 bytes), index, flags, change. */
const headerSize = 16;

export interface Device {
  readonly index: number;
  readonly name: string;
  /** ARPHRD_…: 1 is Ethernet. */
  readonly type: number;
  /** What the driver calls it, `wireguard`; '' for real hardware. */
  readonly kind: string;
}

/** The names of all devices but loopback, sorted. */
export function networkDevices(socket: NetlinkSocket): string[] {
  return devices(socket)
    .filter((one) => one.type !== loopbackType)
    .map((one) => one.name)
    .sort();
}

export function devices(socket: NetlinkSocket): Device[] {
  const request = message({ type: getLink, flags: flag.request | flag.dump, sequence: 1 }, [Buffer.alloc(headerSize)]);
  return devicesIn(socket.dump(request, 'Listing the network devices'));
}

export function devicesIn(messages: readonly Message[]): Device[] {
  return messages
    .filter((one) => one.payload.length >= headerSize)
    .map(({ payload }) => {
      const found = attributesIn(payload.subarray(headerSize));
      const information = attributesIn(valueOf(found, attributes.information) ?? Buffer.alloc(0));
      return {
        index: payload.readUInt32LE(4),
        name: textOf(valueOf(found, attributes.name)),
        type: payload.readUInt16LE(2),
        kind: textOf(valueOf(information, attributes.kind)),
      };
    })
    .filter((one) => one.name !== '');
}
