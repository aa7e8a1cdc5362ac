/**
 * Writes and reads sets of addresses as nf_tables keeps them: each range as its first element and the one that ends it,
 * which is the first address after it.
 */
import { attribute, attributesIn, nested, numberAttribute, numberOf, valueOf } from '../netlink/netlink.ts';
import type { Message } from '../netlink/netlink.ts';
import type { AddressRange } from './tables.ts';

/** NFT_SET_INTERVAL, and nothing else. */
export const intervalSet = 0x4;
const endOfInterval = 0x1;
/** The numbers by which nft(8) knows the types and lists them. */
const keys = { v4: { type: 7, length: 4 }, v6: { type: 8, length: 16 } } as const;
const attributes = { flags: 3, keyType: 4, keyLength: 5, id: 10, userData: 13 } as const;
const element = { key: 1, flags: 3, userData: 6 } as const;
const elementsOfList = 3;
const dataValue = 1;
/** For nft(8): keys are in network byte order; and the last range reaches the very end. */
const networkOrder = Buffer.from('000402000000', 'hex');
const openEnd = Buffer.from('010401000000', 'hex');
/** An attribute has at most 65,535 bytes; a range of IPv6 needs 72 of them. */
const rangesPerMessage = 800;

/** Declares a new set of address ranges. `id` is unique in the batch. */
export function setAttributes(version: 'v4' | 'v6', id: number): Buffer[] {
  const { type, length } = keys[version];
  return [
    numberAttribute(attributes.flags, intervalSet),
    numberAttribute(attributes.keyType, type),
    numberAttribute(attributes.keyLength, length),
    numberAttribute(attributes.id, id),
    attribute(attributes.userData, networkOrder),
  ];
}

/** Undefined for a set of anything else. */
export function versionOf(type: number | undefined, length: number | undefined): 'v4' | 'v6' | undefined {
  const fits = (version: 'v4' | 'v6'): boolean => keys[version].type === type && keys[version].length === length;
  return (['v4', 'v6'] as const).find((version) => fits(version));
}

/** The list attributes, one for each message; none for no ranges, which the kernel would take for "all". */
export function elementLists(ranges: readonly AddressRange[]): Buffer[] {
  const lists: Buffer[] = [];
  for (let at = 0; at < ranges.length; at += rangesPerMessage) {
    lists.push(nested(elementsOfList, ranges.slice(at, at + rangesPerMessage).flatMap(elementsOf)));
  }
  return lists;
}

function elementsOf({ first, last }: AddressRange): Buffer[] {
  const key = nested(element.key, [attribute(dataValue, Buffer.from(first, 'hex'))]);
  const behind = addressAfter(last);
  if (behind === undefined) return [nested(1, [key, attribute(element.userData, openEnd)])];
  const end = nested(element.key, [attribute(dataValue, Buffer.from(behind, 'hex'))]);
  return [nested(1, [key]), nested(1, [numberAttribute(element.flags, endOfInterval), end])];
}

/** The ranges in a dump of one set, sorted. Undefined when we could not have written them. */
export function rangesIn(messages: readonly Message[]): AddressRange[] | undefined {
  const marks = messages.flatMap(({ payload }) =>
    attributesIn(valueOf(attributesIn(payload.subarray(4)), elementsOfList) ?? Buffer.alloc(0)).map((one) =>
      markOf(one.value),
    ),
  );
  // Where a range ends, the next one may begin: the end comes first.
  marks.sort((a, b) => (a.at === b.at ? Number(b.ends) - Number(a.ends) : a.at < b.at ? -1 : 1));
  return pairsOf(marks);
}

interface Mark {
  readonly at: string;
  readonly ends: boolean;
}

function markOf(bytes: Buffer): Mark {
  const found = attributesIn(bytes);
  const key = valueOf(attributesIn(valueOf(found, element.key) ?? Buffer.alloc(0)), dataValue);
  return {
    at: key?.toString('hex') ?? '',
    ends: ((numberOf(valueOf(found, element.flags)) ?? 0) & endOfInterval) !== 0,
  };
}

function pairsOf(marks: readonly Mark[]): AddressRange[] | undefined {
  const ranges: AddressRange[] = [];
  let open: string | undefined;
  for (const { at, ends } of marks) {
    if (ends && open === undefined) {
      // nft(8) marks the beginning of everything as the end of nothing.
      if (/^0*$/.test(at)) continue;
      return undefined;
    }
    if (at === '' || (!ends && open !== undefined)) return undefined;
    if (open !== undefined) ranges.push({ first: open, last: addressBefore(at) });
    open = ends ? undefined : at;
  }
  return open === undefined ? ranges : [...ranges, { first: open, last: 'f'.repeat(open.length) }];
}

/** Undefined after the very last one. */
function addressAfter(hex: string): string | undefined {
  if (/^f+$/.test(hex)) return undefined;
  return (BigInt(`0x${hex}`) + 1n).toString(16).padStart(hex.length, '0');
}

function addressBefore(hex: string): string {
  return (BigInt(`0x${hex}`) - 1n).toString(16).padStart(hex.length, '0');
}
