/**
 * Detects whether an isolation would cut the very tunnel through which its gateways are reached.
 *
 * A packet to a gateway then leaves twice: into the tunnel, which the isolation lets pass, and inside another packet to
 * the tunnel's far end, which it does not. Often only a program knows that far end, so the operator names it: an
 * exception `out` for the tunnel's outer address, reached through no tunnel, is taken for it. Tunnels whose outer
 * packets are neither TCP nor UDP (GRE, IPIP, PPP …) have no ports, so no exception can let them through.
 */
import { formatHexAddress } from '@cordon/protocol/addresses';
import type { Device } from '../../kernel/netlink/links.ts';
import type { Opening } from './opening.ts';
import type { Isolated } from './policy.ts';

/** The device through which a packet for an opening would leave, if there is a route. */
export type Way = (opening: Opening) => Device | undefined;

/** By IFLA_INFO_KIND; `true` when the outer packets are UDP or TCP. `tun` includes tap. */
const tunnelKinds: ReadonlyMap<string, boolean> = new Map([
  ...['wireguard', 'tun', 'vxlan', 'geneve', 'bareudp', 'gtp', 'ovpn', 'amneziawg'].map(
    (kind) => [kind, true] as const,
  ),
  ...['gre', 'gretap', 'ip6gre', 'ip6gretap', 'erspan', 'ip6erspan'].map((kind) => [kind, false] as const),
  ...['ipip', 'sit', 'ip6tnl', 'vti', 'vti6', 'xfrm', 'ppp', 'l2tp'].map((kind) => [kind, false] as const),
]);
/** ARPHRD_PPP, TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE: kernels that do not give the kind still give the type. */
const tunnelTypes: ReadonlySet<number> = new Set([512, 768, 769, 776, 778, 823]);

/** A message that says what would be cut; undefined when a gateway stays reachable, or none is reachable now. */
export function tunnelObjection(policy: Isolated, way: Way): string | undefined {
  const ways = policy.holes.flatMap((hole) => {
    const device = way(hole);
    return device ? [{ hole, device }] : [];
  });
  const cut = ways.filter(({ device }) => isTunnel(device) && !isLetThrough(device, policy.exceptions, way));
  const [first] = cut;
  if (!first || cut.length < ways.length) return undefined;
  const { hole, device } = first;
  const what = `${device.name} (${device.kind || `type ${device.type}`})`;
  const remedy =
    tunnelKinds.get(device.kind) === true
      ? `Let the outer address of the tunnel through with an exception, or reach the gateway without ${device.name}.`
      : `Its outer packets have no ports, so no exception can let them through; reach the gateway without ${device.name}.`;
  return `Not isolated: the way to gateway ${formatHexAddress(hole.network)} leads through the tunnel ${what}, which the isolation would cut, and the endpoint could not be restored. ${remedy}`;
}

function isTunnel({ kind, type }: Device): boolean {
  return tunnelKinds.has(kind) || tunnelTypes.has(type);
}

function isLetThrough(tunnel: Device, exceptions: readonly Opening[], way: Way): boolean {
  if (tunnelKinds.get(tunnel.kind) !== true) return false;
  return exceptions.some((one) => {
    const device = one.direction === 'out' ? way(one) : undefined;
    return device !== undefined && !isTunnel(device);
  });
}
