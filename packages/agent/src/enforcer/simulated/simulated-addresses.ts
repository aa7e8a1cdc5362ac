/** Stands in for the kernel on machines without root: writes what would be in force to a file, and blocks nothing. */
import { readFileSync, rmSync } from 'node:fs';
import { writeQuickly } from '../../fs/durable.ts';
import { nftText } from '../../kernel/nftables/text.ts';
import type { Problem } from '../../problem.ts';
import type { AddressKernel, DesiredAddresses } from '../address-blocking/address-kernel.ts';
import { addressTable, addressTableName } from '../address-blocking/ruleset.ts';

const machine = { features: { persist: true, reject: true, log: true }, group: 0, slot: 'a' } as const;

export class SimulatedAddresses implements AddressKernel {
  readonly unable = undefined;
  readonly shortfall = undefined;
  readonly lost: number = 0;
  readonly #path: string;
  #inForce: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** A simulated endpoint has none. */
  ownAddresses(): string[] {
    return [];
  }

  apply(desired: DesiredAddresses | undefined): boolean {
    this.#inForce = textOf(desired);
    if (this.#read() === this.#inForce) return false;
    if (desired) writeQuickly(this.#path, this.#inForce);
    else rmSync(this.#path, { force: true });
    return true;
  }

  difference(): Problem {
    return this.#read() === this.#inForce ? undefined : 'The simulated kernel holds something else.';
  }

  /** No packet passes a simulated kernel, and an edit of the file is found at the next read. */
  watch(_on: Parameters<AddressKernel['watch']>[0]): void {}

  close(): void {}

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return ''; // Nothing was ever listed here.
    }
  }
}

/** As nft(8) would read it. */
function textOf(desired: DesiredAddresses | undefined): string {
  if (!desired) return '';
  return nftText([addressTable(desired.sets, { names: desired.names, machine })], ['inet'], addressTableName);
}
