/** What the enforcer needs from a kernel: bring about a policy, and prove that it is in force. */
import type { Proof } from '@cordon/protocol/channel';
import type { Isolated, Policy } from './policy.ts';

export interface Enforcement {
  /** Why this endpoint cannot isolate itself; undefined when it can. Found by trying, once, at the start. */
  readonly unable: string | undefined;
  /** Gets everything ready that does not depend on the moment, so that `apply` has little left to do. */
  prepare(policy: Policy): void;
  /** Why this isolation would cut the endpoint off from its own server, and for good; undefined when it would not. */
  objection(policy: Isolated): string | undefined;
  /** Brings the policy about. Twice is once. An Error says why the kernel did not take it. */
  apply(policy: Policy): void;
  /** Reads back what is in force, and compares and probes it. */
  verify(policy: Policy): Verification;
  /** Calls `noticed` when it may be worth while to verify before it is time to. */
  watch(noticed: () => void): void;
  close(): void;
}

export type Verification =
  /** No proof is needed of an endpoint that cannot isolate itself, and is not. */
  | { readonly proven: true; readonly proof: Proof | null; readonly shortfall: string | undefined }
  | {
      readonly proven: false;
      readonly problem: string;
      readonly proof: Proof | null;
      /** Somebody else has changed what we had put into force: no new device, no restart of ours, no refusal. */
      readonly tampered: boolean;
    };
