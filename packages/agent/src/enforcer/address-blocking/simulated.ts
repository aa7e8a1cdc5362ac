/** Stands in for a kernel on machines without root: writes what would be in force to a file, and blocks nothing. */
import { readFileSync, rmSync } from 'node:fs';
import { nftText } from '../../kernel/nftables/text.ts';
import type { ObjectsKernel, DesiredInKernel } from './kernel.ts';
import { objectsTable, objectsTableName } from './ruleset.ts';

const machine = { features: { persist: true, reject: true, log: true }, group: 0, slot: 'a' } as const;

export class SimulatedObjects implements ObjectsKernel {
  readonly shortfall = undefined;
  readonly lost: number = 0;
  readonly #path: string;
  readonly #write: (path: string, text: string) => void;
  #inForce: string | undefined;

  constructor(path: string, write: (path: string, text: string) => void) {
    this.#path = path;
    this.#write = write;
  }

  /** Those of a simulated endpoint are nobody's. */
  ownAddresses(): string[] {
    return [];
  }

  put(desired: DesiredInKernel | undefined): boolean {
    this.#inForce = textOf(desired);
    if (this.#held() === this.#inForce) return false;
    if (desired) this.#write(this.#path, this.#inForce);
    else rmSync(this.#path, { force: true });
    return true;
  }

  difference(): string | undefined {
    return this.#held() === this.#inForce ? undefined : 'The simulated kernel holds something else.';
  }

  /** Nothing passes a simulated kernel. Whoever edits the file is found out at the next look. */
  watch(_on: Parameters<ObjectsKernel['watch']>[0]): void {}

  close(): void {}

  #held(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return ''; // Nothing was ever listed here.
    }
  }
}

/** As nft(8) would read it. */
function textOf(desired: DesiredInKernel | undefined): string {
  if (!desired) return '';
  return nftText([objectsTable(desired.sets, { names: desired.names, machine })], ['inet'], objectsTableName);
}
