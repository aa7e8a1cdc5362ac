/** What isolation means on this endpoint: nothing, or everything cut but what is named. */
import type { Exception } from '@cordon/protocol/channel';
import { distinct, openingFor, openingForGateway } from './opening.ts';
import type { Opening } from './opening.ts';

export type Policy = { readonly isolation: 'normal' } | Isolated;

export interface Isolated {
  readonly isolation: 'isolated';
  /** The gateways. Whatever else is cut, they stay. */
  readonly holes: readonly Opening[];
  /** The exceptions of a profile. */
  readonly exceptions: readonly Opening[];
  /** `when-leased` looks at the addresses with which the gateways are reached. */
  readonly dhcp: 'always' | 'when-leased';
}

export const normal: Policy = { isolation: 'normal' };

/** The policy of a wanted document; an Error when an address or a network in it is none. */
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
