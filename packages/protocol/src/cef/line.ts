/** Writes one line of CEF. Whatever the values contain, it stays one line, and no value becomes another field. */

export interface CefHead {
  /** Cordon's version. */
  readonly version: string;
  readonly classId: string;
  readonly name: string;
  /** 0 to 10. */
  readonly severity: number;
}

export type CefField = readonly [key: string, value: string];

export function cefLine(head: CefHead, fields: readonly CefField[]): string {
  const parts = ['Cordon', 'Cordon', head.version, head.classId, head.name, String(head.severity)].map(inHeader);
  return `CEF:0|${parts.join('|')}|${fields.map(([key, value]) => `${key}=${inExtension(value)}`).join(' ')}`;
}

/** The longest beginning of a text within so many bytes of UTF-8, cut between characters. */
export function atMost(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = new TextEncoder().encode(text);
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd+$/, '');
}

/** Control characters, marks that reorder or hide text, and characters that some readers treat as line ends. */
// oxlint-disable-next-line no-control-regex -- these are what must not reach a reader
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Pipes separate the header's fields, and a header is one line. */
function inHeader(text: string): string {
  return text.replace(unprintable, ' ').replaceAll(/[\\|]/g, String.raw`\$&`);
}

/** A value may contain escaped line breaks, but no other control characters. */
function inExtension(text: string): string {
  const escaped = text.replaceAll(/[\\=]/g, String.raw`\$&`).replaceAll('\r', String.raw`\r`);
  return escaped.replaceAll('\n', String.raw`\n`).replace(unprintable, ' ');
}
