/**
 * Turns an isolation policy into nf_tables tables, as plain data.
 *
 * Three families, because each closes what the others cannot see: inet stops everything that has an IP stack, netdev
 * stops raw sockets and macvlan, bridge stops machines that are bridged through this one. A drop is final in nf_tables
 * whatever other tables accept, so the host's own rules stay untouched. Nothing is ever forwarded: all openings are for
 * this host alone.
 *
 * No connection tracking: address, port and "no inbound bare SYN" keep the management connection alive from the first
 * packet on, and depend on nothing the host may have configured.
 */
import type { Chain, Rule, Table } from '../../kernel/nftables/tables.ts';
import type { Isolated, Policy } from './policy.ts';
import {
  arp,
  count,
  frameFamilies,
  fromLoopback,
  inbound,
  inetFamilies,
  leaseAsked,
  leaseOffered,
  neighboursIn,
  neighboursOut,
  outbound,
  refusal,
  toLoopback,
} from './rules.ts';
import type { Families, Version } from './rules.ts';

export const isolationTableName = 'cordon';

/** Ahead of connection tracking (-200) and of everybody who uses the documented priorities. */
const first = -500;
/** After source NAT (100) and everything else: a redirect by the host's rules ends here. */
const last = 500;
/** NFT_NETDEVICE_MAX. */
const devicesPerChain = 256;

export interface Machine {
  /** All network devices except loopback. */
  readonly devices: readonly string[];
  /** Where addresses are leased: without DHCP the endpoint would lose them, and management with them, permanently. */
  readonly dhcp: readonly Version[];
  readonly features: IsolationFeatures;
}

/** What this kernel accepts, found by trying. */
export interface IsolationFeatures {
  /** Table flags owner and persist, since Linux 6.9. */
  readonly persist: boolean;
  readonly netdev: boolean;
  readonly bridge: boolean;
  readonly reject: boolean;
}

/** The tables that must exist; none for a normal endpoint. */
export function rulesetFor(policy: Policy, machine: Machine): Table[] {
  if (policy.isolation === 'normal') return [];
  const { devices, features } = machine;
  const tables = [table('inet', inetChains(policy, machine), features)];
  if (features.netdev && devices.length > 0) tables.push(table('netdev', netdevChains(policy, machine), features));
  if (features.bridge) tables.push(table('bridge', [chain('fw', 'forward', { rules: [count] })], features));
  return tables;
}

function table(family: Table['family'], chains: Chain[], features: IsolationFeatures): Table {
  return { family, name: isolationTableName, flags: features.persist ? ['owner', 'persist'] : [], chains };
}

function chain(name: string, hook: string, rest: { rules: Rule[]; priority?: number; devices?: string[] }): Chain {
  const { rules, priority = first, devices = [] } = rest;
  return { name, type: 'filter', hook, priority, policy: 'drop', devices, rules };
}

function inetChains(policy: Isolated, machine: Machine): Chain[] {
  const { inward, outward } = passages(policy, machine, inetFamilies);
  const [entering, leaving] = [
    [fromLoopback, ...inward],
    [toLoopback, ...outward],
  ];
  return [
    chain('pre', 'prerouting', { rules: [...entering, count] }),
    chain('in', 'input', { rules: [...entering, count] }),
    chain('fw', 'forward', { rules: [count] }),
    chain('out', 'output', { rules: [...leaving, ...(machine.features.reject ? refusal : [count])] }),
    chain('post', 'postrouting', { rules: [...leaving, count], priority: last }),
  ];
}

function netdevChains(policy: Isolated, machine: Machine): Chain[] {
  const { inward, outward } = passages(policy, machine, frameFamilies);
  return groupsOf(machine.devices).flatMap((group, index) => [
    chain(`ingress${index}`, 'ingress', { rules: [arp, ...inward, count], devices: group }),
    chain(`egress${index}`, 'egress', { rules: [arp, ...outward, count], devices: group }),
  ]);
}

/** The openings of one family. */
function passages(policy: Isolated, { dhcp }: Machine, families: Families): { inward: Rule[]; outward: Rule[] } {
  const openings = [...policy.holes, ...policy.exceptions];
  const discovery = dhcp.includes('v6') || openings.some((one) => one.version === 'v6');
  return {
    inward: [
      ...openings.map((one) => inbound(families, one)),
      ...(discovery ? neighboursIn(families) : []),
      ...dhcp.map((version) => leaseOffered(families, version)),
    ],
    outward: [
      ...openings.map((one) => outbound(families, one)),
      ...(discovery ? neighboursOut(families) : []),
      ...dhcp.map((version) => leaseAsked(families, version)),
    ],
  };
}

function groupsOf(devices: readonly string[]): string[][] {
  const groups = Math.ceil(devices.length / devicesPerChain);
  return Array.from({ length: groups }, (_, at) => devices.slice(at * devicesPerChain, (at + 1) * devicesPerChain));
}
