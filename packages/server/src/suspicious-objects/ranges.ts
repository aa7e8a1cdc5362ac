/** Addresses and networks as ranges of numbers, to tell whether one lies within another. Pure. */
import { isIP } from 'node:net';

export interface Range {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly bits: number;
}

/** The range of `address` or `address/bits`; undefined for anything else. An IPv4 address written as IPv6 is IPv4. */
export function rangeOf(text: string): Range | undefined {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  if (version === 0) return undefined;
  const [most, number] = version === 4 ? [32, fromV4(address)] : [128, fromV6(address)];
  const length = bits === undefined ? most : Number(bits);
  const size = 1n << BigInt(most - length);
  const first = (number / size) * size;
  if (version === 6 && length >= 96 && first >> 32n === 0xffffn) {
    return { version: 4, first: first & 0xffffffffn, last: (first + size - 1n) & 0xffffffffn, bits: length - 96 };
  }
  return { version: version === 4 ? 4 : 6, first, last: first + size - 1n, bits: length };
}

/**
 * The one spelling of a range: the network's first address, no length where it is a single one, IPv4 as IPv4. Else the
 * same addresses could be listed twice, and taking one off would leave the other.
 */
export function spelt({ version, first, bits }: Range): string {
  const address = version === 4 ? v4Text(first) : v6Text(first);
  return bits === (version === 4 ? 32 : 128) ? address : `${address}/${bits}`;
}

/** Every network that a range lies in, itself included, down to `least` bits; the narrowest first. */
export function networksAround({ version, first, bits }: Range, least: number): string[] {
  const most = version === 4 ? 32 : 128;
  return Array.from({ length: Math.max(0, bits - least + 1) }, (_, index) => {
    const size = 1n << BigInt(most - (bits - index));
    const start = (first / size) * size;
    return spelt({ version, first: start, last: start + size - 1n, bits: bits - index });
  });
}

/** Whether they have any address in common. */
export function overlap(a: Range, b: Range): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

function v4Text(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
}

function v6Text(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function fromV4(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function fromV6(address: string): bigint {
  // The one spelling that a URL gives has no dotted part, and at most one gap.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const [front, back] = [groupsIn(head), groupsIn(tail ?? '')];
  const gap = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => 0n);
  return [...front, ...gap, ...back].reduce((sum, group) => sum * 65_536n + group, 0n);
}

function groupsIn(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}
