/** Finds out what this kernel's nf_tables can do, by rehearsing it: no version numbers, no assumptions. */
import type { NetlinkSocket } from '../kernel/socket.ts';
import { nameOfErrno } from '../kernel/socket.ts';
import { encodeRehearsal } from './encode.ts';
import type { Policy } from './policy.ts';
import { rulesetFor } from './ruleset.ts';
import type { Features } from './ruleset.ts';

const everything: Features = { persist: true, netdev: true, bridge: true, reject: true };
const least: Features = { persist: false, netdev: false, bridge: false, reject: false };

/** One gateway of each family uses every kind of rule that there is. */
const sample: Policy = {
  isolation: 'isolated',
  holes: [
    { version: 'v4', address: 'c0000201', port: 8443 },
    { version: 'v6', address: '20010db8000000000000000000000001', port: 8443 },
  ],
};

/** All features at once, else each by itself. An Error when not even the plainest isolation is possible. */
export function tryFeatures(socket: NetlinkSocket, devices: readonly string[]): Features {
  const errnoWith = (features: Features): number | undefined =>
    socket.transact(encodeRehearsal(rulesetFor(sample, { devices, dhcp: true, features })))[0]?.errno;
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
