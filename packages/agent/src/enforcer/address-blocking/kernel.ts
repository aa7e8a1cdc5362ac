/** What the enforcement of listed addresses needs from a kernel. */
import type { Seen } from '../../kernel/netlink/nflog.ts';
import type { AddressSet } from '../../kernel/nftables/tables.ts';

export interface DesiredInKernel {
  readonly sets: readonly AddressSet[];
  /** Whether questions for names are to be seen. */
  readonly names: boolean;
}

export interface ObjectsKernel {
  /** What it cannot do here, in a sentence; undefined when it can do everything. */
  readonly shortfall: string | undefined;
  /** How often copies of packets could not be kept for us. */
  readonly lost: number;
  /** In hex; they may change under us. */
  ownAddresses(): string[];
  /**
   * Brings it about in one transaction; undefined is no table at all. The answer is whether that took one. An Error
   * says why the kernel did not take it.
   */
  put(desired: DesiredInKernel | undefined): boolean;
  /** What is in the kernel instead of what was put there, in a sentence; undefined when nobody has changed it. */
  difference(): string | undefined;
  /** Calls `noticed` when the table or the own addresses have changed, and `seen` for every copy of a packet. */
  watch(on: { noticed: () => void; seen: (packet: Seen) => void }): void;
  /** The table stays. */
  close(): void;
}
