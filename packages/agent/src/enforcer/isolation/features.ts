/** Finds out what this kernel's nf_tables can do, by rehearsing it: no version numbers, no assumptions. */
import type { NetlinkSocket } from '../../kernel/netlink/socket.ts';
import { nameOfErrno } from '../../kernel/netlink/socket.ts';
import { encodeRehearsal } from '../../kernel/nftables/encode-replacement.ts';
import { policyOf } from './policy.ts';
import { rulesetFor } from './ruleset.ts';
import type { Features } from './ruleset.ts';

const everything: Features = { persist: true, netdev: true, bridge: true, reject: true };
const least: Features = { persist: false, netdev: false, bridge: false, reject: false };

/** One gateway of each family, and exceptions with and without masks and ranges, use every kind of rule that there is. */
const sample = policyOf({
  isolation: 'isolated',
  gateways: [
    { address: '192.0.2.1', port: 8443 },
    { address: '2001:db8::1', port: 8443 },
  ],
  exceptions: [
    { direction: 'in', protocol: 'tcp', network: '192.0.2.0/25', ports: { first: 1, last: 2 } },
    { direction: 'out', protocol: 'udp', network: '2001:db8::/33', ports: null },
  ],
  dhcp: true,
});

/** All features at once, else each by itself. An Error when not even the plainest isolation is possible. */
export function tryFeatures(socket: NetlinkSocket, devices: readonly string[]): Features {
  const errnoWith = (features: Features): number | undefined =>
    socket.transact(encodeRehearsal(rulesetFor(sample, { devices, dhcp: ['v4', 'v6'], features })))[0]?.errno;
  if (errnoWith(everything) === undefined) return everything;
  const errno = errnoWith(least);
  if (errno !== undefined) {
    throw new Error(`This kernel does not take the rules of an isolation: nf_tables answered ${nameOfErrno(errno)}.`);
  }
  const works = (one: Partial<Features>): boolean => errnoWith({ ...least, ...one }) === undefined;
  return {
    persist: works({ persist: true }),
    netdev: works({ netdev: true }),
    bridge: works({ bridge: true }),
    reject: works({ reject: true }),
  };
}
