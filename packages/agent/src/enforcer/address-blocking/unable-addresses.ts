/** Stands in for the kernel of an endpoint that cannot block addresses, and says why. */
import type { AddressKernel } from './address-kernel.ts';

export class UnableAddresses implements AddressKernel {
  readonly unable: string;
  readonly shortfall = undefined;
  readonly lost = 0;

  constructor(reason: string) {
    this.unable = reason;
  }

  ownAddresses(): string[] {
    return [];
  }

  apply(): boolean {
    return false;
  }

  difference(): undefined {}

  watch(): void {}

  close(): void {}
}
