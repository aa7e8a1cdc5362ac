/** Reads the headers of a packet, as far as they were copied. Total: undefined for anything else. */

export interface Packet {
  readonly version: 'v4' | 'v6';
  /** 4 or 16 bytes, in hex. */
  readonly source: string;
  readonly destination: string;
  /** `tcp`, `udp`, `icmp`, `icmp6`, or the number. */
  readonly protocol: string;
  /** Undefined for protocols without ports, and for later fragments. */
  readonly ports: { readonly source: number; readonly destination: number } | undefined;
  /** A bare SYN, which is how TCP begins. */
  readonly begins: boolean;
  /** The payload of TCP or UDP; empty for everything else. */
  readonly payload: Buffer;
}

const protocols: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmp6'],
]);
/** Hop-by-hop, routing and destination options: what follows them counts. */
const skipped: ReadonlySet<number> = new Set([0, 43, 60]);
const fragment = 44;
const maxHeaders = 8;
const nothing = Buffer.alloc(0);

export function packetIn(bytes: Buffer): Packet | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return packetOfV4(bytes);
  return version === 6 ? packetOfV6(bytes) : undefined;
}

function packetOfV4(bytes: Buffer): Packet | undefined {
  const headerSize = ((bytes[0] ?? 0) & 0xf) * 4;
  if (headerSize < 20 || bytes.length < 20) return undefined;
  const first = (bytes.readUInt16BE(6) & 0x1fff) === 0;
  const addresses = { source: bytes.toString('hex', 12, 16), destination: bytes.toString('hex', 16, 20) };
  const inside = first ? bytes.subarray(headerSize) : nothing;
  return { version: 'v4', ...addresses, ...transport(bytes.readUInt8(9), inside) };
}

function packetOfV6(bytes: Buffer): Packet | undefined {
  if (bytes.length < 40) return undefined;
  const addresses = { source: bytes.toString('hex', 8, 24), destination: bytes.toString('hex', 24, 40) };
  let [next, at] = [bytes.readUInt8(6), 40];
  for (let headers = 0; headers < maxHeaders && at + 8 <= bytes.length; headers += 1) {
    if (next === fragment) {
      const first = (bytes.readUInt16BE(at + 2) & 0xfff8) === 0;
      if (!first) return { version: 'v6', ...addresses, ...transport(bytes.readUInt8(at), nothing) };
      [next, at] = [bytes.readUInt8(at), at + 8];
    } else if (skipped.has(next)) {
      [next, at] = [bytes.readUInt8(at), at + 8 + bytes.readUInt8(at + 1) * 8];
    } else break;
  }
  return { version: 'v6', ...addresses, ...transport(next, bytes.subarray(at)) };
}

function transport(number: number, bytes: Buffer): Pick<Packet, 'protocol' | 'ports' | 'begins' | 'payload'> {
  const protocol = protocols.get(number) ?? String(number);
  const hasPorts = (protocol === 'tcp' || protocol === 'udp') && bytes.length >= 4;
  if (!hasPorts) return { protocol, ports: undefined, begins: false, payload: nothing };
  const ports = { source: bytes.readUInt16BE(0), destination: bytes.readUInt16BE(2) };
  if (protocol === 'udp') return { protocol, ports, begins: false, payload: bytes.subarray(8) };
  const [words = 0x50, flags = 0] = [bytes[12], bytes[13]];
  return { protocol, ports, begins: (flags & 0x12) === 0x02, payload: bytes.subarray((words >> 4) * 4) };
}
