/** Decodes base64 inside a JSON string, chunk by chunk and strictly. */
import { Refusal } from '@cordon/protocol/automation';

const backslash = 0x5c;
/** A blank or a control character among raw bytes; JSON strings may contain only the former. */
const blank = /[^!-\u00ff]/;
const control = /[^ -\u00ff]/;
/** Whitespace that encoders put between lines, once JSON's escapes are decoded. */
const whitespace = /[\t\n\r ]+/g;
const urlSafe = /[-_]/;

export class Base64Decoder {
  readonly #emit: (bytes: Buffer) => void;
  /** Base64 that does not make four characters yet. */
  #rest = '';
  /** An incomplete escape. Kept separately, so that nothing is unescaped twice. */
  #escape = '';
  #ended = false;

  constructor(emit: (bytes: Buffer) => void) {
    this.#emit = emit;
  }

  /** Takes raw bytes from between the quotes. They never contain a quote, because base64 needs no escaped one. */
  feed(raw: Buffer): void {
    if (raw.length === 0) return;
    const text = this.#rest + this.#clean(raw);
    const whole = text.length - (text.length % 4);
    this.#decode(text.slice(0, whole));
    this.#rest = text.slice(whole);
  }

  /** Ends the input. */
  end(): void {
    if (this.#escape !== '') throw invalid('it ends in the middle of an escape');
    if (this.#rest !== '') throw invalid('its length is not a multiple of four; it was cut short or has no padding');
  }

  /** Decodes JSON's escapes and drops whitespace; an incomplete escape waits for the next chunk. */
  #clean(raw: Buffer): string {
    const text = this.#escape + raw.toString('latin1');
    const isBlank = blank.test(text);
    if (isBlank && control.test(text)) throw invalid('it holds a line break or tab that is not escaped');
    if (this.#escape === '' && !raw.includes(backslash)) return isBlank ? text.replaceAll(whitespace, '') : text;
    const cut = /\\(?:u[0-9a-fA-F]{0,3})?$/.exec(text)?.index ?? text.length;
    this.#escape = text.slice(cut);
    try {
      return String(JSON.parse(`"${text.slice(0, cut)}"`)).replaceAll(whitespace, '');
    } catch {
      throw invalid('it has an escape that base64 never needs');
    }
  }

  #decode(quads: string): void {
    if (quads === '') return;
    if (this.#ended) throw invalid('something follows its padding');
    const padding = quads.endsWith('==') ? 2 : Number(quads.endsWith('='));
    const bytes = Buffer.from(quads, 'base64');
    // Node skips characters it does not know, so a wrong one shows as missing bytes.
    if (bytes.length !== (quads.length / 4) * 3 - padding || urlSafe.test(quads)) {
      throw invalid('it holds a character outside A-Z, a-z, 0-9, + and /');
    }
    this.#ended = padding > 0;
    this.#emit(bytes);
  }
}

function invalid(why: string): Refusal {
  return new Refusal('parameter-invalid', `file_content_base64_string is not base64: ${why}.`);
}
