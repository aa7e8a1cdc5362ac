/** What isolation needs from a kernel: apply a policy, and prove that it is in force. */
import type { Proof, Report } from '@cordon/protocol/channel';
import type { Problem } from '../../problem.ts';
import type { Isolated, Policy } from './policy.ts';

/** What the kernel was found to hold, as the report says it. */
export interface KernelState {
  readonly isolation: Report['isolation'];
  /** Null where no proof is needed: an endpoint that cannot isolate itself, and is not isolated. */
  readonly proof: Proof | null;
  /** Why it is unproven; of a proven state, what it still lacks. */
  readonly problem: string | null;
  /** Somebody else changed what we had put in force: no new device, no restart of ours, no refusal. */
  readonly tampered: boolean;
}

export interface IsolationKernel {
  /** Why this endpoint cannot isolate itself; found by trying, once, at the start. */
  readonly unable: Problem;
  /** Does everything that does not depend on the moment, so that `apply` has little left to do. */
  prepare(policy: Policy): void;
  /** Why this isolation would cut the endpoint off from its own server for ever. */
  objection(policy: Isolated): Problem;
  /** Puts the policy in force. Applying it twice changes nothing. Throws when the kernel refuses it. */
  apply(policy: Policy): void;
  /** Reads back what is in force, compares it and probes it. */
  verify(policy: Policy): KernelState;
  /** Calls `changed` when it may be worthwhile to verify early. */
  watch(changed: () => void): void;
  close(): void;
}

export function unproven(problem: string, rest?: Partial<KernelState>): KernelState {
  return { isolation: 'unproven', proof: null, problem, tampered: false, ...rest };
}

/** Counters change with every packet and are no news, and neither is a remark that has gone. */
export function isNews(before: KernelState, after: KernelState): boolean {
  const newProblem = after.problem !== null && after.problem !== before.problem;
  return newProblem || before.isolation !== after.isolation || before.proof?.digest !== after.proof?.digest;
}
