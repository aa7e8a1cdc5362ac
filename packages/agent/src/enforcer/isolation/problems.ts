/** The sentences in which a verification says what it found wrong. */
import type { Table } from '../../kernel/nftables/tables.ts';
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import type { Probe } from './probe.ts';
import type { Features } from './ruleset.ts';

export const newSurroundings =
  'The network devices or addresses of this endpoint have changed, and the rules did not fit them any more.';

/** Undefined when the kernel holds exactly what is wanted. */
export function differenceOf(held: readonly Table[], desired: string): string | undefined {
  if (canonicalText(held) === desired) return undefined;
  if (desired === '') return `${held.length} tables of the isolation are still in the kernel.`;
  if (held.length === 0) return 'The tables of the isolation are not in the kernel.';
  return 'The rules in the kernel are not the rules of the isolation; somebody changed them.';
}

export function leakOf(probes: readonly Probe[]): string | undefined {
  const sent = probes.find((one) => one.outcome === 'sent');
  if (sent) return `The rules are in place, but the kernel still let a packet out (${sent.probe}).`;
  if (probes.some((one) => one.outcome === 'refused')) return undefined;
  return 'The rules are in place, but no probe could be sent: this endpoint has no network to try, or its exceptions cover every address there is to try.';
}

/** What an isolation that holds is still missing. */
export function shortfallOf({ netdev, bridge }: Features, throughNft: string | undefined): string | undefined {
  const missing = [netdev ? '' : 'netdev egress', bridge ? '' : 'bridge'].filter(Boolean).join(' and ');
  if (missing !== '') {
    return `Isolated, but this kernel lacks nf_tables ${missing}: raw sockets of root or bridged machines are not covered.`;
  }
  if (throughNft === undefined) return undefined;
  return `Isolated through nft(8), whose rules anybody with root can flush; they are put back. Our own netlink was refused: ${throughNft}`;
}
