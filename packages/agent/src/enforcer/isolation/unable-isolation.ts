/** Stands in for the kernel of an endpoint that cannot isolate itself: it can only be normal, and says why. */
import { unproven } from './isolation-kernel.ts';
import type { IsolationKernel, KernelState } from './isolation-kernel.ts';
import type { Policy } from './policy.ts';

export class UnableIsolation implements IsolationKernel {
  readonly unable: string;

  constructor(reason: string) {
    this.unable = reason;
  }

  prepare(): void {}

  objection(): undefined {}

  apply(policy: Policy): void {
    if (policy.isolation === 'isolated') throw new Error(this.unable);
  }

  verify(policy: Policy): KernelState {
    if (policy.isolation === 'isolated') return unproven(this.unable);
    return { isolation: 'normal', proof: null, problem: undefined, tampered: false };
  }

  watch(): void {}

  close(): void {}
}
