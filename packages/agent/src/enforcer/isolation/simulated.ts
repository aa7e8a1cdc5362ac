/** Stands in for a kernel on machines without root: holds the policy in a file, and cuts nothing. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Proof } from '@cordon/protocol/channel';
import type { Table } from '../../kernel/nftables/tables.ts';
import { canonicalText, digestOf } from '../../kernel/nftables/canonical.ts';
import type { Enforcement, Verification } from './enforcement.ts';
import type { Policy } from './policy.ts';
import { rulesetFor } from './ruleset.ts';

const machine = {
  devices: ['eth0'],
  dhcp: [],
  features: { persist: true, netdev: true, bridge: true, reject: true },
};

export class Simulated implements Enforcement {
  readonly unable = undefined;
  readonly #path: string;
  #inForce: string | undefined;
  readonly #write: (path: string, text: string) => void;

  constructor(path: string, write: (path: string, text: string) => void) {
    this.#path = path;
    this.#write = write;
  }

  /** Nothing to prepare: nothing is measured here. */
  prepare(): void {}

  objection(): undefined {}

  apply(policy: Policy): void {
    const tables = rulesetFor(policy, machine);
    this.#inForce = canonicalText(tables);
    if (this.#held() !== this.#inForce) this.#write(this.#path, this.#inForce);
  }

  verify(policy: Policy): Verification {
    const tables = rulesetFor(policy, machine);
    const desired = canonicalText(tables);
    if (this.#held() !== desired) {
      const tampered = this.#inForce === desired;
      return { proven: false, problem: 'The simulated kernel holds something else.', proof: null, tampered };
    }
    return { proven: true, proof: proofOf(tables), shortfall: undefined };
  }

  /** Whoever edits the file is found out at the next look. */
  watch(): void {}

  close(): void {}

  #held(): string {
    return heldBySimulation(this.#path);
  }
}

/** The canonical text that the simulated kernel holds; '' is a normal endpoint. */
export function heldBySimulation(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // A kernel that has just booted holds nothing.
  }
}

export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function proofOf(tables: readonly Table[]): Proof {
  const chains = tables.flatMap((table) => table.chains);
  return {
    digest: digestOf(tables),
    level: 'simulated',
    chains: chains.length,
    rules: chains.reduce((sum, chain) => sum + chain.rules.length, 0),
    packetsAccepted: 0,
    packetsDropped: 0,
    probes: tables.length === 0 ? [] : [{ probe: 'simulated', outcome: 'refused' }],
  };
}
