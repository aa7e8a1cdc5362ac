/** Parses the addresses and networks of exceptions. */
import { formatAddress, parseCidr } from '@cordon/protocol/addresses';

/** `address` or `address/bits` in canonical spelling, or undefined. */
export function canonicalNetwork(text: string): string | undefined {
  const cidr = parseCidr(text.trim());
  return cidr && `${formatAddress(cidr.address)}/${cidr.prefix}`;
}
