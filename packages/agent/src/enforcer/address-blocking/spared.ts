/** Tells which listed addresses this endpoint leaves open, wholly or in part, and what it keeps them open for. */
import type { ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { ListedNetwork } from './entries.ts';
import { keptSpans, keptText } from './exempt-addresses.ts';
import type { Kept } from './exempt-addresses.ts';
import { firstFrom } from './spans.ts';
import type { Span, Version } from './spans.ts';

export type Spared = NonNullable<ObjectEnforcementStatus['exempt']>;

/** Named one by one; a list that has more of them is beside the point. */
const maxNamed = 50;
const spokenOf = 3;
const longestText = 300;

export function sparedFrom(networks: readonly ListedNetwork[], kept: readonly Kept[]): Spared {
  const holes: { readonly [V in Version]: readonly Span[] } = { v4: keptSpans(kept, 'v4'), v6: keptSpans(kept, 'v6') };
  const hit = networks.flatMap((one) => {
    const { network } = one;
    const hole = firstFrom(holes[network.version], network.first);
    if (hole === undefined || hole.first > network.last) return [];
    return [{ ...one, whole: hole.first <= network.first && network.last <= hole.last }];
  });
  // Those that nothing is done about come first: they are what somebody would be wrong about.
  const sorted = [...hit.filter((one) => one.whole), ...hit.filter((one) => !one.whole)];
  const objects = sorted.slice(0, maxNamed).map(({ object, network, whole }) => {
    const inside = kept.filter((one) => {
      const { version, first, last } = one.network;
      return version === network.version && first <= network.last && network.first <= last;
    });
    const named = inside.slice(0, spokenOf).map((one) => keptText(one));
    const more = inside.length > spokenOf ? ` and ${inside.length - spokenOf} more` : '';
    return { content: object.content, whole, what: `${named.join(', ')}${more}`.slice(0, longestText) };
  });
  return { objects, more: hit.length - objects.length };
}
