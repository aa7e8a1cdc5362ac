/** Asks the kernel itself whether this endpoint is cut off: sends to foreign addresses, and wants to be refused. */
import type { Calls } from '../kernel/calls.ts';
import { sendDatagram } from '../kernel/datagram.ts';
import type { Destination } from '../kernel/datagram.ts';
import { addressBytes } from './policy.ts';

export interface Probe {
  readonly probe: string;
  readonly outcome: 'refused' | 'sent' | 'unavailable';
}

/** EPERM is how the kernel tells a local sender that a packet filter dropped its packet. */
const notPermitted = 1;
/** Reserved for documentation (RFC 5737, RFC 3849): nobody is there, should a probe ever get out. Port 9 is discard. */
const foreign = { v4: '192.0.2.1', v6: '2001:db8::1' } as const;
/** For trying the probe itself: whatever the outcome, nothing leaves the machine. */
export const ownAddresses = { v4: '127.0.0.1', v6: '::1' } as const;
const discard = 9;
const none = Buffer.alloc(0);

export function probe(
  calls: Calls,
  devices: readonly string[],
  addresses: Readonly<Record<'v4' | 'v6', string>> = foreign,
): Probe[] {
  return (['v4', 'v6'] as const).map((version) => ({
    probe: `udp to ${addresses[version]}`,
    outcome: outcomeOf(calls, { version, address: addressBytes(addresses[version]) ?? none, port: discard }, devices),
  }));
}

/** By the routes of the host, and if none leads there, straight through a device: isolation must hold without a default route. */
function outcomeOf(calls: Calls, to: Destination, devices: readonly string[]): Probe['outcome'] {
  for (const device of [undefined, ...devices.slice(0, 8)]) {
    const errno = sendDatagram(calls, device === undefined ? to : { ...to, device });
    if (errno === 0) return 'sent';
    if (errno === notPermitted) return 'refused';
  }
  return 'unavailable';
}
