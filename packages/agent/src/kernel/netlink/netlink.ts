/**
 * Writes and reads netlink messages and their attributes (RFC 3549; include/uapi/linux/netlink.h).
 *
 * Reading is total: whatever bytes come in, the answer is a list that is perhaps empty, never an exception.
 */

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Of the socket that caused it; 0 is the kernel itself. */
  readonly port: number;
  readonly payload: Buffer;
}

export interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

export const flag = {
  request: 0x1,
  acknowledge: 0x4,
  dump: 0x300,
  create: 0x400,
  append: 0x800,
  /** Set by the kernel when the dumped list changed under the dump. */
  interrupted: 0x10,
} as const;

export const control = { error: 2, done: 3 } as const;

const headerSize = 16;
const attributeHeaderSize = 4;
/** The two highest bits of an attribute's type say "nested" and "network byte order"; the rest is the type. */
const typeMask = 0x3fff;
const nestedBit = 0x8000;

export function message(header: Omit<Message, 'payload' | 'port'>, payload: readonly Buffer[]): Buffer {
  const body = Buffer.concat(payload);
  const bytes = Buffer.alloc(headerSize + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(header.type, 4);
  bytes.writeUInt16LE(header.flags, 6);
  bytes.writeUInt32LE(header.sequence, 8);
  body.copy(bytes, headerSize);
  return bytes;
}

export function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(attributeHeaderSize + aligned(value.length));
  bytes.writeUInt16LE(attributeHeaderSize + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, attributeHeaderSize);
  return bytes;
}

export function nested(type: number, children: readonly Buffer[]): Buffer {
  return attribute(type | nestedBit, Buffer.concat(children));
}

export function textAttribute(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${text}\0`));
}

/** nf_tables speaks network byte order inside its attributes, unlike the headers around them. */
export function numberAttribute(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return attribute(type, bytes);
}

/** The messages in one datagram; what is cut short or claims an impossible length ends the list. */
export function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  let at = 0;
  while (at + headerSize <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    if (length < headerSize || at + length > bytes.length) break;
    messages.push({
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      port: bytes.readUInt32LE(at + 12),
      payload: bytes.subarray(at + headerSize, at + length),
    });
    at += aligned(length);
  }
  return messages;
}

/** The attributes in a payload, in their order. */
export function attributesIn(bytes: Buffer): Attribute[] {
  const attributes: Attribute[] = [];
  let at = 0;
  while (at + attributeHeaderSize <= bytes.length) {
    const length = bytes.readUInt16LE(at);
    if (length < attributeHeaderSize || at + length > bytes.length) break;
    attributes.push({
      type: bytes.readUInt16LE(at + 2) & typeMask,
      value: bytes.subarray(at + attributeHeaderSize, at + length),
    });
    at += aligned(length);
  }
  return attributes;
}

/** The first attribute of a type. */
export function valueOf(attributes: readonly Attribute[], type: number): Buffer | undefined {
  return attributes.find((one) => one.type === type)?.value;
}

export function textOf(value: Buffer | undefined): string {
  const text = value?.toString('utf8') ?? '';
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A number in network byte order, or undefined when the attribute is missing or of another size. */
export function numberOf(value: Buffer | undefined): number | undefined {
  return value?.length === 4 ? value.readUInt32BE() : undefined;
}

/** The errno of an error message (positive; 0 is an acknowledgement), or undefined for any other message. */
export function errnoOf(one: Message): number | undefined {
  return one.type === control.error && one.payload.length >= 4 ? -one.payload.readInt32LE(0) : undefined;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
