/** What isolation needs from a kernel: apply a policy, and prove that it is in force. */
import type { Proof, Report } from '@cordon/protocol/channel';
import type { Problem } from '../../problem.ts';
import type { Isolated, Policy } from './policy.ts';

/** What the kernel holds, in the report's terms. */
export interface KernelState {
  readonly isolation: Report['isolation'];
  /** Null where no proof is needed: an endpoint that cannot isolate itself, and is not isolated. */
  readonly proof: Proof | null;
  /** Why it is unproven; for a proven state, what it still lacks. */
  readonly problem: Problem;
  /** Somebody else changed what we had put in force: not a new device, a restart of ours, or a refusal. */
  readonly tampered: boolean;
}

export interface IsolationKernel {
  /** Why this endpoint cannot isolate itself; found by trying, once, at start. */
  readonly unable: Problem;
  /** Does everything that can be done in advance, so that `apply` has little left to do. */
  prepare(policy: Policy): void;
  /** Why this isolation would cut the endpoint off from its own server permanently. */
  objection(policy: Isolated): Problem;
  /** Puts the policy in force. Idempotent. Throws when the kernel refuses it. */
  apply(policy: Policy): void;
  /** Reads back what is in force, compares it and probes it. */
  verify(policy: Policy): KernelState;
  /** Calls `changed` when verifying early may be worthwhile. */
  watch(changed: () => void): void;
  close(): void;
}

export function unproven(problem: string, rest?: Partial<KernelState>): KernelState {
  return { isolation: 'unproven', proof: null, problem, tampered: false, ...rest };
}
