/** Writes one line of CEF. Whatever the values hold, it stays one line, and no value becomes another field. */

export interface CefHead {
  /** Of Cordon. */
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

/** The beginning of a text that is at most so many bytes of UTF-8, cut between characters. */
export function atMost(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = new TextEncoder().encode(text);
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd+$/, '');
}

/** Controls, the marks that reorder or hide text, and what some readers take for the end of a line. */
// oxlint-disable-next-line no-control-regex -- these are what must not reach a reader
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Pipes part the header's fields, and a header is one line. */
function inHeader(text: string): string {
  return text.replace(unprintable, ' ').replaceAll(/[\\|]/g, String.raw`\$&`);
}

/** Line breaks may stand in a value, escaped; other controls may not. */
function inExtension(text: string): string {
  const escaped = text.replaceAll(/[\\=]/g, String.raw`\$&`).replaceAll('\r', String.raw`\r`);
  return escaped.replaceAll('\n', String.raw`\n`).replace(unprintable, ' ');
}
