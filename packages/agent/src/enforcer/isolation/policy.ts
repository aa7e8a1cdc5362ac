/** What isolation means on this endpoint: nothing, or everything cut except what is named. */
import type { Exception } from '@cordon/protocol/channel';
import { distinct, openingFor, openingForGateway } from './opening.ts';
import type { Opening } from './opening.ts';

export type Policy = { readonly isolation: 'normal' } | Isolated;

export interface Isolated {
  readonly isolation: 'isolated';
  /** The gateways. They stay open whatever else is cut. */
  readonly holes: readonly Opening[];
  /** The exceptions of a profile. */
  readonly exceptions: readonly Opening[];
  /** `when-leased` looks at the addresses through which the gateways are reached. */
  readonly dhcp: 'always' | 'when-leased';
}

export const normal: Policy = { isolation: 'normal' };

/** The policy of a desired state; an Error when an address or network in it is invalid. */
export function policyOf(desired: {
  isolation: 'normal' | 'isolated';
  gateways: readonly { address: string; port: number }[];
  exceptions?: readonly Exception[];
  dhcp?: boolean;
}): Policy {
  const holes = desired.gateways.map((gateway) => openingForGateway(gateway));
  const exceptions = (desired.exceptions ?? []).map((exception) => openingFor(exception));
  if (desired.isolation === 'normal') return normal;
  return {
    isolation: 'isolated',
    holes: distinct(holes),
    exceptions: distinct(exceptions),
    dhcp: desired.dhcp === true ? 'always' : 'when-leased',
  };
}
