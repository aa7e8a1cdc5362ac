/** Asks the kernel whether this endpoint is cut off: sends to foreign addresses, and expects a refusal. */
import type { Calls } from '../../kernel/calls.ts';
import { sendDatagram } from '../../kernel/datagram.ts';
import type { Destination } from '../../kernel/datagram.ts';
import { addressBytes } from '../../kernel/ip-address.ts';
import { mayPass } from './opening.ts';
import type { Opening } from './opening.ts';

export interface Probe {
  readonly probe: string;
  readonly outcome: 'refused' | 'sent' | 'unavailable';
}

/** The kernel returns EPERM to a local sender when a packet filter dropped its packet. */
/** Reserved for documentation (RFC 5737, RFC 3849): nobody is there if a probe ever gets out. */
const foreign = {
  v4: ['192.0.2.1', '198.51.100.1', '203.0.113.1'],
  v6: ['2001:db8::1', '3fff::1'],
} as const;
/** Discard (RFC 863) and echo (RFC 862), which nobody offers today. */
const ports = [9, 7] as const;
/** For testing the probe itself: whatever the outcome, nothing leaves the machine. */
const own = { v4: '127.0.0.1', v6: '::1' } as const;
const none = Buffer.alloc(0);

/** `openings` are what may pass; a probe goes where nothing may. */
export function probe(calls: Calls, devices: readonly string[], openings: readonly Opening[]): Probe[] {
  return (['v4', 'v6'] as const).map((version) => {
    const target = targets(version).find((one) => !openings.some((opening) => mayPass(opening, packet(one))));
    if (!target) return { probe: `udp over ${version}`, outcome: 'unavailable' };
    return { probe: `udp to ${target.text}`, outcome: outcomeOf(calls, target, devices) };
  });
}

/** Runs the probe's code once without sending anything. */
export function rehearseProbe(calls: Calls): void {
  for (const version of ['v4', 'v6'] as const) {
    outcomeOf(calls, { version, address: addressBytes(own[version]) ?? none, port: ports[0] }, []);
  }
}

function targets(version: 'v4' | 'v6'): (Destination & { text: string })[] {
  return ports.flatMap((port) =>
    foreign[version].map((text) => ({ version, address: addressBytes(text) ?? none, port, text })),
  );
}

function packet({ version, address, port }: Destination): Parameters<typeof mayPass>[1] {
  return { version, address, port, protocol: 'udp' };
}

/** By the routes of the host, otherwise straight through a device: isolation must hold without a default route. */
function outcomeOf(calls: Calls, to: Destination, devices: readonly string[]): Probe['outcome'] {
  for (const device of [undefined, ...devices.slice(0, 8)]) {
    const code = sendDatagram(calls, device === undefined ? to : { ...to, device });
    if (code === undefined) return 'sent';
    if (code === 'EPERM') return 'refused';
  }
  return 'unavailable';
}
