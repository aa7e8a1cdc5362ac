/** What address blocking needs from a kernel. */
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { AddressSet } from '../../kernel/nftables/tables.ts';
import type { Problem } from '../../problem.ts';

export interface DesiredAddresses {
  readonly sets: readonly AddressSet[];
  /** Whether DNS questions are copied to us. */
  readonly names: boolean;
}

export interface AddressKernel {
  /** Why nothing can be blocked here. */
  readonly unable: Problem;
  /** What it cannot do here, although it can block. */
  readonly shortfall: Problem;
  /** How many copies of packets were lost. */
  readonly lost: number;
  /** In hex; they may change at any time. */
  ownAddresses(): string[];
  /** Puts it in force in one transaction; undefined means no table. True when that took one. Throws when refused. */
  apply(desired: DesiredAddresses | undefined): boolean;
  /** What the kernel holds instead of what we put there. */
  difference(): Problem;
  /** Calls `changed` when the table or our own addresses have changed, and `copied` for each copy of a packet. */
  watch(on: { changed: () => void; copied: (packet: Seen) => void }): void;
  /** The table stays. */
  close(): void;
}
