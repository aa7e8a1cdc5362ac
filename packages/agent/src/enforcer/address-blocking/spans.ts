/** Arithmetic on address ranges: joins them, and takes exempt ones out. */
import { parseNetwork } from '@cordon/protocol/addresses';
import type { AddressRange } from '../../kernel/nftables/tables.ts';

export type IpVersion = 'v4' | 'v6';

/** From the first to the last address, both included, as numbers. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Network extends Span {
  readonly version: IpVersion;
  readonly prefix: number;
}

export const bitsOf: { readonly [V in IpVersion]: number } = { v4: 32, v6: 128 };

/** Undefined when the text is no address or network. */
export function networkIn(text: string): Network | undefined {
  const network = parseNetwork(text);
  return network && { ...network, version: network.version === 4 ? 'v4' : 'v6' };
}

/** Sorted, with overlapping and adjacent ranges joined. */
export function joined(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => (a.first < b.first ? -1 : Number(a.first > b.first)));
  const result: Span[] = [];
  for (const span of sorted) {
    const before = result.at(-1);
    if (!before || span.first > before.last + 1n) result.push(span);
    else if (span.last > before.last) result[result.length - 1] = { first: before.first, last: span.last };
  }
  return result;
}

/** `spans` without `holes`; both are joined. */
export function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  const result: Span[] = [];
  let next = 0;
  for (const { first, last } of spans) {
    let from = first;
    while ((holes[next]?.last ?? from) < from) next += 1;
    for (let at = next; ; at += 1) {
      const hole = holes[at];
      if (!hole || hole.first > last) break;
      if (hole.first > from) result.push({ first: from, last: hole.first - 1n });
      from = hole.last + 1n;
    }
    if (from <= last) result.push({ first: from, last });
  }
  return result;
}

/** Whether the address is in one of these joined ranges. */
export function covers(spans: readonly Span[], address: bigint): boolean {
  const found = firstFrom(spans, address);
  return found !== undefined && found.first <= address;
}

/** The first of these joined ranges that does not end below the address. */
export function firstFrom(spans: readonly Span[], address: bigint): Span | undefined {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.last ?? 0n) < address) low = middle + 1;
    else high = middle;
  }
  return spans[low];
}

export function rangesOf(spans: readonly Span[], version: IpVersion): AddressRange[] {
  const text = (address: bigint): string => address.toString(16).padStart(bitsOf[version] / 4, '0');
  return spans.map(({ first, last }) => ({ first: text(first), last: text(last) }));
}
