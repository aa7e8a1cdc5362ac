/** What the enforcer needs from a kernel: bring about a policy, and prove that it is in force. */
import type { Proof } from '@cordon/protocol/channel';
import type { Policy } from './policy.ts';

export interface Enforcement {
  /** Why this endpoint cannot isolate itself; undefined when it can. Found by trying, once, at the start. */
  readonly unable: string | undefined;
  /** Gets everything ready that does not depend on the moment, so that `apply` has little left to do. */
  prepare(policy: Policy): void;
  /** Brings the policy about. Twice is once. An Error says why the kernel did not take it. */
  apply(policy: Policy): void;
  /** Reads back what is in force, and compares and probes it. */
  verify(policy: Policy): Verification;
  close(): void;
}

export type Verification =
  /** No proof is needed of an endpoint that cannot isolate itself, and is not. */
  | { readonly proven: true; readonly proof: Proof | null; readonly shortfall: string | undefined }
  | { readonly proven: false; readonly problem: string; readonly proof: Proof | null };
