/** Reports which listed addresses this endpoint leaves open, wholly or partly, and why. */
import type { ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { ListedNetwork } from './entries.ts';
import { exemptSpans, exemptText } from './exempt-addresses.ts';
import type { ExemptAddress } from './exempt-addresses.ts';
import { firstFrom } from './spans.ts';
import type { Span, IpVersion } from './spans.ts';

export type LeftOpen = NonNullable<ObjectEnforcementStatus['exempt']>;

/** Each is named; beyond this many, a list helps nobody. */
const maxNamed = 50;
const maxReasons = 3;
const maxText = 300;

export function leftOpenFrom(networks: readonly ListedNetwork[], kept: readonly ExemptAddress[]): LeftOpen {
  const holes: { readonly [V in IpVersion]: readonly Span[] } = {
    v4: exemptSpans(kept, 'v4'),
    v6: exemptSpans(kept, 'v6'),
  };
  const hit = networks.flatMap((one) => {
    const { network } = one;
    const hole = firstFrom(holes[network.version], network.first);
    if (hole === undefined || hole.first > network.last) return [];
    return [{ ...one, whole: hole.first <= network.first && network.last <= hole.last }];
  });
  // Those without any enforcement come first: they are the ones that would surprise somebody.
  const sorted = [...hit.filter((one) => one.whole), ...hit.filter((one) => !one.whole)];
  const objects = sorted.slice(0, maxNamed).map(({ object, network, whole }) => {
    const inside = kept.filter((one) => {
      const { version, first, last } = one.network;
      return version === network.version && first <= network.last && network.first <= last;
    });
    const named = inside.slice(0, maxReasons).map((one) => exemptText(one));
    const more = inside.length > maxReasons ? ` and ${inside.length - maxReasons} more` : '';
    return { content: object.content, whole, what: `${named.join(', ')}${more}`.slice(0, maxText) };
  });
  return { objects, more: hit.length - objects.length };
}
