/** What the blocking of listed addresses needs from a kernel. */
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { AddressSet } from '../../kernel/nftables/tables.ts';
import type { Problem } from '../../problem.ts';

export interface DesiredAddresses {
  readonly sets: readonly AddressSet[];
  /** Whether DNS questions are to be copied for us. */
  readonly names: boolean;
}

export interface AddressKernel {
  /** Why nothing can be blocked here. */
  readonly unable: Problem;
  /** What it cannot do here although it can block. */
  readonly shortfall: Problem;
  /** How often copies of packets could not be kept for us. */
  readonly lost: number;
  /** In hex; they may change at any time. */
  ownAddresses(): string[];
  /**
   * Puts it in force in one transaction; undefined is no table at all. True when that took a transaction. Throws when
   * the kernel refuses it.
   */
  apply(desired: DesiredAddresses | undefined): boolean;
  /** What is in the kernel instead of what was put there. */
  difference(): Problem;
  /** Calls `changed` when the table or the own addresses have changed, and `copied` for every copy of a packet. */
  watch(on: { changed: () => void; copied: (packet: Seen) => void }): void;
  /** The table stays. */
  close(): void;
}
