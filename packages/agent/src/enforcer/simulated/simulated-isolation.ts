/** Stands in for the kernel on machines without root: keeps the isolation in a file, and cuts nothing. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeDurably } from '../../fs/durable.ts';
import { canonicalText } from '../../kernel/nftables/canonical.ts';
import { unproven } from '../isolation/isolation-kernel.ts';
import type { IsolationKernel, KernelState } from '../isolation/isolation-kernel.ts';
import type { Policy } from '../isolation/policy.ts';
import { proofOf } from '../isolation/proof.ts';
import { rulesetFor } from '../isolation/ruleset.ts';

const machine = {
  devices: ['eth0'],
  dhcp: [],
  features: { persist: true, netdev: true, bridge: true, reject: true },
};

export class SimulatedIsolation implements IsolationKernel {
  readonly unable = undefined;
  readonly #path: string;
  #inForce: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Nothing is measured here, so nothing needs preparing. */
  prepare(): void {}

  objection(): undefined {}

  apply(policy: Policy): void {
    this.#inForce = canonicalText(rulesetFor(policy, machine));
    if (readSimulatedIsolation(this.#path) !== this.#inForce) writeDurably(this.#path, this.#inForce);
  }

  verify(policy: Policy): KernelState {
    const tables = rulesetFor(policy, machine);
    const desired = canonicalText(tables);
    if (readSimulatedIsolation(this.#path) !== desired) {
      return unproven('The simulated kernel holds something else.', { tampered: this.#inForce === desired });
    }
    const held = tables.map((table) => ({ table, rules: [] }));
    const probes = tables.length === 0 ? [] : [{ probe: 'simulated', outcome: 'refused' as const }];
    const proof = { ...proofOf(held, probes, { persist: true }), level: 'simulated' as const };
    return { isolation: policy.isolation, proof, problem: undefined, tampered: false };
  }

  /** An edit of the file is found at the next read. */
  watch(): void {}

  close(): void {}
}

/** The canonical text that the simulated kernel holds; '' is a normal endpoint. */
export function readSimulatedIsolation(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // A kernel that has just booted holds nothing.
  }
}

export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
