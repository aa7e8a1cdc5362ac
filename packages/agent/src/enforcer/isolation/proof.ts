/** What proves an isolation, and the messages that say what it lacks. */
import type { Proof } from '@cordon/protocol/channel';
import { digestOf } from '../../kernel/nftables/canonical.ts';
import type { HeldRule } from '../../kernel/nftables/dump.ts';
import type { HeldTable } from '../../kernel/nftables/readback.ts';
import type { Problem } from '../../problem.ts';
import type { Probe } from './probe.ts';
import type { IsolationFeatures } from './ruleset.ts';

export const machineChanged =
  'The network devices or addresses of this endpoint have changed, and the rules no longer matched them.';

export function proofOf(
  held: readonly HeldTable[],
  probes: readonly Probe[],
  { persist }: { persist: boolean },
): Proof {
  const tables = held.map(({ table }) => table);
  const chains = tables.flatMap((table) => table.chains);
  const owned = tables.every(({ flags }) => flags.includes('owner') && flags.includes('persist'));
  return {
    digest: digestOf(tables),
    level: owned && persist ? 'owner-persist' : 'plain',
    chains: chains.length,
    rules: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
    ...countPackets(held),
    probes: [...probes],
  };
}

/** A packet of the management flow passes several chains; counting only in the two of the local host counts it once. */
export function countPackets(held: readonly HeldTable[]): { packetsAccepted: number; packetsDropped: number } {
  const rules = held.flatMap((one) => one.rules);
  const sum = (which: (rule: HeldRule) => boolean): number =>
    rules.filter(which).reduce((total, one) => total + one.packets, 0);
  return {
    packetsAccepted: sum((one) => endOf(one) === 'accept' && (one.chain === 'in' || one.chain === 'out')),
    packetsDropped: sum((one) => endOf(one) !== 'accept'),
  };
}

export function leakOf(probes: readonly Probe[]): Problem {
  const sent = probes.find((one) => one.outcome === 'sent');
  if (sent) return `The rules are in place, but the kernel still let a packet out (${sent.probe}).`;
  if (probes.some((one) => one.outcome === 'refused')) return undefined;
  return 'The rules are in place, but no probe could be sent: this endpoint has no network to try, or its exceptions cover every address there is to try.';
}

/** What an isolation that holds still lacks. */
export function shortfallOf({ netdev, bridge }: IsolationFeatures, netlinkProblem: Problem): Problem {
  const missing = [netdev ? '' : 'netdev egress', bridge ? '' : 'bridge'].filter(Boolean).join(' and ');
  if (missing !== '') {
    return `Isolated, but this kernel lacks nf_tables ${missing}: raw sockets of root or bridged machines are not covered.`;
  }
  if (netlinkProblem === undefined) return undefined;
  return `Isolated through nft(8), whose rules anybody with root can flush; they are put back. Our own netlink was refused: ${netlinkProblem}`;
}

function endOf(held: HeldRule): string {
  const step = held.rule.at(-1);
  return step?.kind === 'verdict' ? step.verdict : 'drop';
}
