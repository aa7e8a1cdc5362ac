/**
 * Detects two ways in which root can send past nf_tables, which no rule can close: AF_XDP sockets, and packets that a
 * traffic-control action redirects to another device. They are reported, not stopped.
 */
import { readFileSync } from 'node:fs';
import { flag, message } from '../../kernel/netlink/netlink.ts';
import type { Device } from '../../kernel/netlink/links.ts';
import type { NetlinkSocket } from '../../kernel/netlink/socket.ts';

const getFilter = 46;
/** struct tcmsg: family, padding, device (4 bytes), handle, parent, info. */
const headerSize = 20;
/** Ingress and egress of a clsact queueing discipline (TC_H_CLSACT with TC_H_MIN_INGRESS or TC_H_MIN_EGRESS). */
const parents = [0xff_ff_ff_f2, 0xff_ff_ff_f3] as const;
/** TCA_KIND of the action that redirects and mirrors. */
const redirect = Buffer.from('mirred\0');

/** A message, or undefined when neither is there. Best effort: what the kernel does not show stays unknown. */
export function bypassOf(route: NetlinkSocket, devices: readonly Device[]): string | undefined {
  const sockets = xdpSockets();
  const redirected = devices.find((one) => hasRedirect(route, one));
  const found = [
    sockets === 0 ? '' : `AF_XDP sockets: ${sockets} open`,
    redirected ? `traffic control redirects packets of ${redirected.name}` : '',
  ].filter(Boolean);
  if (found.length === 0) return undefined;
  return `Isolated, but root has a way past nf_tables (${found.join('; ')}). No rule can stop that; see who uses it.`;
}

/** Of this network namespace, in the list of protocols: name, size, sockets … */
function xdpSockets(): number {
  try {
    const line = /^XDP\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/net/protocols', 'utf8'));
    return Number(line?.[1] ?? 0);
  } catch {
    return 0; // This kernel has no /proc/net.
  }
}

function hasRedirect(route: NetlinkSocket, { index }: Device): boolean {
  return parents.some((parent) => {
    const header = Buffer.alloc(headerSize);
    header.writeUInt32LE(index, 4);
    header.writeUInt32LE(parent, 12);
    try {
      const request = message({ type: getFilter, flags: flag.request | flag.dump, sequence: 1 }, [header]);
      return route.dump(request, 'Listing traffic control').some(({ payload }) => payload.includes(redirect));
    } catch {
      return false; // No clsact on this device, or no traffic control in this kernel.
    }
  });
}
