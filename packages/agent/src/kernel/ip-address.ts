/** Reads and spells literal IP addresses. */
import { isIPv4, isIPv6 } from 'node:net';

/** 4 or 16 bytes, or undefined. IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4, because that is what goes over the wire. */
export function addressBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  // A zone (`%eth0`) is a matter of one machine; a signed document cannot know it.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = ipv6Bytes(text);
  return bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff' ? bytes.subarray(12) : bytes;
}

/** The address in 4 or 16 bytes of hex, spelt as everybody spells it: `2001:db8::7`. */
export function addressText(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':');
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}

function ipv6Bytes(text: string): Buffer {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => groupsOf(dotted).join(':'));
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function groupsOf(dotted: string): string[] {
  const hex = Buffer.from(dotted.split('.').map(Number)).toString('hex');
  return [hex.slice(0, 4), hex.slice(4)];
}
