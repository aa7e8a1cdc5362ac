/** Decodes base64 from inside a JSON string, piece by piece and strictly. */
import { Refusal } from '@cordon/protocol/automation';

const backslash = 0x5c;
/** Whitespace that encoders put between lines, once JSON's escapes are undone. */
const whitespace = /[\t\n\r ]+/g;
const urlSafe = /[-_]/;

export class Base64Decoder {
  readonly #emit: (bytes: Buffer) => void;
  /** Text that is not yet four characters, or not yet a whole escape. */
  #rest = '';
  #ended = false;

  constructor(emit: (bytes: Buffer) => void) {
    this.#emit = emit;
  }

  /** Takes raw bytes from between the quotes; a quote cannot be among them, because base64 needs none escaped. */
  feed(raw: Buffer): void {
    if (raw.length === 0) return;
    const text = this.#rest + raw.toString('latin1');
    const escaped = raw.includes(backslash) || this.#rest.includes('\\');
    const { ready, rest } = escaped ? unescaped(text) : { ready: text, rest: '' };
    const clean = whitespace.test(ready) ? ready.replaceAll(whitespace, '') : ready;
    whitespace.lastIndex = 0;
    const whole = clean.length - (clean.length % 4);
    this.#decode(clean.slice(0, whole));
    this.#rest = clean.slice(whole) + rest;
  }

  /** Says that no more will come. */
  end(): void {
    if (this.#rest !== '') throw invalid('its length is not a multiple of four; it was cut short or has no padding');
  }

  #decode(quads: string): void {
    if (quads === '') return;
    if (this.#ended) throw invalid('something follows its padding');
    const padding = quads.endsWith('==') ? 2 : Number(quads.endsWith('='));
    const bytes = Buffer.from(quads, 'base64');
    // Node skips what it does not know, so a wrong character shows as bytes that are missing.
    if (bytes.length !== (quads.length / 4) * 3 - padding || urlSafe.test(quads)) {
      throw invalid('it holds a character outside A-Z, a-z, 0-9, + and /');
    }
    this.#ended = padding > 0;
    this.#emit(bytes);
  }
}

/** Undoes JSON's escapes; an escape that is not whole yet stays in `rest`. */
function unescaped(text: string): { ready: string; rest: string } {
  const cut = /\\(?:u[0-9a-fA-F]{0,3})?$/.exec(text);
  const whole = cut === null ? text : text.slice(0, cut.index);
  let ready: string;
  try {
    ready = String(JSON.parse(`"${whole}"`));
  } catch {
    throw invalid('it holds an escape that JSON does not know');
  }
  return { ready, rest: cut === null ? '' : text.slice(cut.index) };
}

function invalid(why: string): Refusal {
  return new Refusal('parameter-invalid', `file_content_base64_string is not base64: ${why}.`);
}
