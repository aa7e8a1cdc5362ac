/** Reads the name from a plain DNS question (RFC 1035, 4.1). Total and bounded: anybody may have sent it. */

const headerSize = 12;
/** An answer, or an operation without a question. */
const notAQuestion = 0xf8;
const maxName = 253;
/** The two highest bits: a pointer, which no question needs, or an unused form. */
const maxLabel = 63;

/** Lower case, without a trailing dot; undefined for what is no question, is cut short, or asks for the root. */
export function questionIn(bytes: Buffer): string | undefined {
  if (bytes.length < headerSize || (bytes.readUInt8(2) & notAQuestion) !== 0 || bytes.readUInt16BE(4) === 0)
    return undefined;
  const labels: string[] = [];
  let [at, length] = [headerSize, 0];
  for (;;) {
    const size = bytes[at];
    if (size === undefined || size > maxLabel || at + 1 + size > bytes.length) return undefined;
    if (size === 0) return labels.length === 0 ? undefined : labels.join('.');
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + size)));
    length += size + 1;
    if (length > maxName + 1) return undefined;
    at += 1 + size;
  }
}

/** Over TCP two bytes of length come first, and a segment may hold no question, or a part of one. */
export function questionOverTcp(bytes: Buffer): string | undefined {
  return bytes.length < 2 ? undefined : questionIn(bytes.subarray(2));
}

/** A label may hold any byte; those that no listed name has become `?`, so that no dot is taken for a separator. */
function labelText(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '?');
}
