/**
 * Reads the body of PUT FileUDSO as a stream: decodes and hashes the file in it without holding it.
 *
 * The body is a JSON object in which only the top-level string `file_content_base64_string` may be large. Its bytes go
 * to a base64 decoder; everything else is collected, within a limit, with an empty string in its place, and left to
 * JSON.parse. So this scanner only needs to know where strings begin and end, not the whole of JSON.
 */
import { createHash } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import { parseJson } from './body.ts';
import { Base64Decoder } from './base64-decoder.ts';

/** The content of a body. */
export interface Upload {
  /** The body without the file. */
  readonly fields: Record<string, unknown>;
  readonly size: number;
  /** Upper-case hex. */
  readonly sha1: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

const contentKey = 'file_content_base64_string';
/** Everything but the file: names and notes are short. */
const maxBytesBeside = 65_536;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

type State = 'outside' | 'string' | 'content';

export class UploadReader {
  readonly #limit: number;
  readonly #sha1 = createHash('sha1');
  readonly #sha256 = createHash('sha256');
  readonly #beside: Buffer[] = [];
  readonly #decoder: Base64Decoder;
  #besideBytes = 0;
  #size = 0;
  #state: State = 'outside';
  #depth = 0;
  /** At depth 1: the last string read, because a colon after it makes it a key. */
  #lastString: Buffer[] = [];
  #key = '';
  #expectsValue = false;
  #escaped = false;
  #keys = 0;
  #contents = 0;

  /** `limit` is the largest file, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#decoder = new Base64Decoder((bytes) => this.#take(bytes));
  }

  /** Takes the next bytes of the body; refuses as soon as they cannot be valid. */
  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length)
      at = this.#state === 'content' ? this.#readContent(chunk, at) : this.#readBeside(chunk, at);
  }

  /** The content of the body, after its last byte. */
  finish(): Upload {
    const fields = parseFields(Buffer.concat(this.#beside));
    // The key was there, in some spelling JSON allows, but its value was no string.
    if (this.#contents === 0 || fields[contentKey] !== '') throw invalid(`The body has no string "${contentKey}".`);
    this.#decoder.end();
    const sha1 = this.#sha1.digest('hex').toUpperCase();
    return { fields, size: this.#size, sha1, sha256: this.#sha256.digest('hex') };
  }

  /** Copies bytes until the file begins; returns where to continue. */
  #readBeside(chunk: Buffer, start: number): number {
    let at = start;
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0;
      at += 1;
      if (this.#state === 'string') this.#inString(byte);
      else if (byte === quote && this.#beginsContent()) {
        this.#keep(chunk.subarray(start, at));
        this.#keep(Buffer.from('"'));
        return at;
      } else this.#outside(byte);
    }
    this.#keep(chunk.subarray(start, at));
    return at;
  }

  #beginsContent(): boolean {
    if (this.#depth !== 1 || !this.#expectsValue || this.#key !== contentKey) return false;
    this.#contents += 1;
    this.#expectsValue = false;
    this.#state = 'content';
    return true;
  }

  #outside(byte: number): void {
    if (byte === quote) {
      this.#state = 'string';
      this.#lastString = [];
      return;
    }
    if (byte === colon && this.#depth === 1) {
      this.#key = textOf(Buffer.concat(this.#lastString));
      if (this.#key === contentKey) this.#keys += 1;
      if (this.#keys > 1) throw invalid(`"${contentKey}" is in the body twice.`);
      this.#expectsValue = true;
      return;
    }
    if (openers.has(byte)) this.#depth += 1;
    if (closers.has(byte)) this.#depth -= 1;
    if (!blanks.has(byte)) this.#expectsValue = false;
  }

  #inString(byte: number): void {
    if (!this.#escaped && byte === quote) {
      this.#state = 'outside';
      this.#expectsValue = false;
      return;
    }
    this.#escaped = !this.#escaped && byte === backslash;
    if (this.#depth === 1 && this.#lastString.length < 256) this.#lastString.push(Buffer.of(byte));
  }

  /** Passes base64 to the decoder until the closing quote; returns where to continue. */
  #readContent(chunk: Buffer, start: number): number {
    const found = chunk.indexOf(quote, start);
    const end = found === -1 ? chunk.length : found;
    this.#decoder.feed(chunk.subarray(start, end));
    if (found === -1) return end;
    this.#state = 'outside';
    return end + 1;
  }

  #take(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > this.#limit) throw tooLarge(this.#limit);
    this.#sha1.update(bytes);
    this.#sha256.update(bytes);
  }

  #keep(bytes: Buffer): void {
    this.#besideBytes += bytes.length;
    if (this.#besideBytes > maxBytesBeside) {
      throw invalid(`The body has more than ${maxBytesBeside} bytes besides the content; shorten file_name and note.`);
    }
    this.#beside.push(Buffer.from(bytes));
  }
}

/** The refusal of a file larger than `limit` bytes. */
export function tooLarge(limit: number): Refusal {
  return new Refusal(
    'body-too-large',
    `The file is larger than ${limit} bytes, the limit of this server. Add its SHA-1 as file_sha1 instead, or raise CORDON_UPLOAD_LIMIT.`,
  );
}

/**
 * The largest body for a file of `limit` bytes: base64 turns three bytes into four, and encoders may break lines and
 * escape slashes. Generous, because the decoded bytes are counted anyway.
 */
export function largestBody(limit: number): number {
  return Math.ceil(limit / 3) * 4 * 2 + maxBytesBeside;
}

function parseFields(text: Buffer): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The body is not a JSON object.');
  return Object.fromEntries(Object.entries(value));
}

function textOf(raw: Buffer): string {
  try {
    return String(JSON.parse(`"${raw.toString('utf8')}"`));
  } catch {
    return ''; // Not the key this looks for; JSON.parse of the whole will report the fault.
  }
}

function invalid(message: string): Refusal {
  return new Refusal('parameter-invalid', message);
}
