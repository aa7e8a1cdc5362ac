/** Addresses and networks as exceptions name them. */
import { isIP, isIPv6 } from 'node:net';

/** `address` or `address/bits` in canonical spelling, or undefined. */
export function canonicalNetwork(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.trim().split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const most = version === 6 ? 128 : 32;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return undefined;
  const canonical = isIPv6(address) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
  return `${canonical}/${bits === undefined ? most : Number(bits)}`;
}
