/** The enforcement of an endpoint that cannot isolate itself: it can be normal, and says why it can be nothing else. */
import type { Enforcement, Verification } from './enforcement.ts';
import type { Policy } from './policy.ts';

export class Incapable implements Enforcement {
  readonly unable: string;

  constructor(reason: string) {
    this.unable = reason;
  }

  prepare(): void {}

  objection(): undefined {}

  apply(policy: Policy): void {
    if (policy.isolation === 'isolated') throw new Error(this.unable);
  }

  verify(policy: Policy): Verification {
    if (policy.isolation === 'normal') return { proven: true, proof: null, shortfall: undefined };
    return { proven: false, problem: this.unable, proof: null, tampered: false };
  }

  watch(): void {}

  close(): void {}
}
