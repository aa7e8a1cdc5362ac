/** Addresses in CEF, which has fields of their own for IPv6. */
import type { CefField } from './line.ts';

const fields = {
  source: { four: 'src', six: 'c6a2', label: 'Source IPv6 Address' },
  destination: { four: 'dst', six: 'c6a3', label: 'Destination IPv6 Address' },
} as const;

/** CEF 0 has `src` and `dst` for IPv4 only. Nothing for what is no address. */
export function addressField(end: keyof typeof fields, address: string): readonly CefField[] {
  const { four, six, label } = fields[end];
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return [[four, address]];
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address)) return [];
  return [
    [`${six}Label`, label],
    [six, address],
  ];
}
