/** Addresses in CEF, which has separate fields for IPv6. */
import { parseAddress } from '../addresses.ts';
import type { CefField } from './line.ts';

const fields = {
  source: { four: 'src', six: 'c6a2', label: 'Source IPv6 Address' },
  destination: { four: 'dst', six: 'c6a3', label: 'Destination IPv6 Address' },
} as const;

/** CEF 0 has `src` and `dst` for IPv4 only. Returns nothing for invalid addresses. */
export function addressField(end: keyof typeof fields, address: string): readonly CefField[] {
  const { four, six, label } = fields[end];
  const version = parseAddress(address)?.version;
  if (version === undefined) return [];
  if (version === 4) return [[four, address]];
  return [
    [`${six}Label`, label],
    [six, address],
  ];
}
