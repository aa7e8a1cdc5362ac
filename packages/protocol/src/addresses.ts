/** IP addresses and networks: parse, spell, mask, compare. Total and pure; runs in a browser too. */

export type IpVersion = 4 | 6;

export interface Address {
  readonly version: IpVersion;
  readonly value: bigint;
}

/** All addresses from `first` to `last`; they share their first `prefix` bits. */
export interface Network {
  readonly version: IpVersion;
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** How many bits an address has. */
export const addressBits: { readonly [V in IpVersion]: number } = { 4: 32, 6: 128 };

/**
 * A literal address exactly as written, or undefined. Dotted parts are decimal without leading zeros, as in
 * `inet_pton`: programs disagree about anything else. A zone (`fe80::1%eth0`) means something on one machine only, so
 * an address with a zone is none.
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4, because that is what goes over the wire. */
export function plainAddress(address: Address): Address {
  const { version, value } = address;
  return version === 6 && value >> 32n === 0xffffn ? { version: 4, value: value & 0xffff_ffffn } : address;
}

/** The one canonical spelling (RFC 5952, with every part in hexadecimal). */
export function formatAddress({ version, value }: Address): string {
  const parts = partsOf(value, version === 4 ? 8 : 16, version === 4 ? 4 : 8);
  return version === 4 ? parts.join('.') : formatGroups(parts);
}

/** The address in 4 or 16 bytes of hexadecimal, as packets and kernels hold it. */
export function addressHex({ version, value }: Address): string {
  return value.toString(16).padStart(addressBits[version] / 4, '0');
}

/** The address given by 8 digits of hexadecimal (IPv4) or 32 (IPv6). */
export function addressFromHex(hex: string): Address {
  return { version: hex.length === 8 ? 4 : 6, value: BigInt(`0x${hex}`) };
}

/** The spelling of an address that is given in hexadecimal. */
export function formatHexAddress(hex: string): string {
  return formatAddress(addressFromHex(hex));
}

/** `address` or `address/prefix` as written: bits behind the prefix are kept. Undefined for anything else. */
export function parseCidr(text: string): { readonly address: Address; readonly prefix: number } | undefined {
  const [before = '', length, ...rest] = text.split('/');
  const address = parseAddress(before);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = addressBits[address.version];
  if (length === undefined) return { address, prefix: bits };
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? { address, prefix: Number(length) } : undefined;
}

/** The network that `address` or `address/prefix` lies in; IPv4 written as IPv6 is IPv4. Undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const cidr = parseCidr(text);
  return cidr && throttledNetwork(cidr.address, cidr.prefix);
}

/** Networks defined in the program itself; a misspelt one fails at the start, instead of being left out. */
export function literalNetworks(...texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error(`"${text}" is no network.`);
    return network;
  });
}

/** The network of `prefix` bits around an address. */
export function throttledNetwork(address: Address, prefix: number): Network {
  const plain = plainAddress(address);
  // A prefix that ends inside the 96 bits in front of the IPv4 address is a network of IPv6.
  const { version, value } = prefix >= addressBits[address.version] - addressBits[plain.version] ? plain : address;
  const length = prefix - (addressBits[address.version] - addressBits[version]);
  const size = 1n << BigInt(addressBits[version] - length);
  const first = (value / size) * size;
  return { version, prefix: length, first, last: first + size - 1n };
}

/** The one spelling of a network: its first address, and no prefix where it is a single address. */
export function formatNetwork({ version, prefix, first }: Network): string {
  const address = formatAddress({ version, value: first });
  return prefix === addressBits[version] ? address : `${address}/${prefix}`;
}

/** Every network that `network` lies in, itself included, down to `minPrefix` bits; the narrowest first. */
export function networksAround({ version, prefix, first }: Network, minPrefix: number): Network[] {
  const count = Math.max(0, prefix - minPrefix + 1);
  return Array.from({ length: count }, (_, index) => throttledNetwork({ version, value: first }, prefix - index));
}

/** Whether two networks have an address in common. */
export function overlaps(a: Network, b: Network): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4Form = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

function parseIpv4(text: string): Address | undefined {
  return ipv4Form.test(text) ? { version: 4, value: join(text.split('.').map(Number), 8n) } : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = groupsIn(head, tail === undefined);
  const after = groupsIn(tail ?? '', true);
  if (before === undefined || after === undefined) return undefined;
  // "::" stands for at least one group of zeros.
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const gap = Array.from({ length: missing }, () => 0);
  return { version: 6, value: join([...before, ...gap, ...after], 16n) };
}

/** Groups of 16 bits; at the end of an address the last two may be written as IPv4. */
function groupsIn(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const dotted = isEnd ? parseIpv4(parts.at(-1) ?? '') : undefined;
  const plain = dotted === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  const groups = plain.map((part) => Number.parseInt(part, 16));
  return dotted === undefined ? groups : [...groups, ...partsOf(dotted.value, 16, 2)];
}

function join(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
}

function partsOf(value: bigint, bits: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(BigInt.asUintN(bits, value >> BigInt(bits * (count - 1 - index)))),
  );
}

/** The longest run of two zeros or more becomes `::`, the first of them where several are as long. */
function formatGroups(groups: readonly number[]): string {
  let gap = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > gap.length) gap = { start, length };
  }
  if (gap.length === 1) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, gap.start))}::${hexGroups(groups.slice(gap.start + gap.length))}`;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}
