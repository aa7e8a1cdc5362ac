/** Asks the kernel which route a packet would take (rtnetlink). */
import { attribute, attributesIn, flag, message, valueOf } from './netlink.ts';
import type { NetlinkSocket } from './socket.ts';

const getRoute = 26;
/** struct rtmsg: family, destination and source prefix lengths, and nine bytes of which a lookup needs none. */
const headerSize = 12;
const families = { v4: 2, v6: 10 } as const;
const attributes = { destination: 1, device: 4, preferredSource: 7 } as const;
/** RTN_UNICAST in rtm_type: a real route, and not an entry that says "there is none". */
const unicast = 1;
const local = 2;

export interface Route {
  /** The number of the device through which it leaves. */
  readonly device: number;
  /** The address that it would leave with, in hex; undefined when the kernel does not say. */
  readonly source: string | undefined;
}

/** The route to an address (4 or 16 bytes, hex); undefined when there is none. */
export function routeTo(socket: NetlinkSocket, destination: string): Route | undefined {
  const version = destination.length === 8 ? 'v4' : 'v6';
  const header = Buffer.alloc(headerSize);
  header.set([families[version], destination.length * 4]);
  const to = attribute(attributes.destination, Buffer.from(destination, 'hex'));
  const answer = socket.ask(message({ type: getRoute, flags: flag.request, sequence: 1 }, [header, to]));
  const kind = answer?.payload[7];
  if (!answer || (kind !== unicast && kind !== local)) return undefined;
  const found = attributesIn(answer.payload.subarray(headerSize));
  const device = valueOf(found, attributes.device);
  if (device?.length !== 4) return undefined;
  return { device: device.readUInt32LE(), source: valueOf(found, attributes.preferredSource)?.toString('hex') };
}
