/** Reads request bodies: bytes within a limit, whatever the Content-Type (contract 8, rule 11). */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '@cordon/protocol/automation';

/** The body, or a Refusal once it exceeds `limit` bytes. */
export async function readBody(payload: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(payload.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLong(declared, limit);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const bytes of piecesOf(payload)) {
    length += bytes.length;
    if (length > limit) throw tooLong(length, limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The chunks of a body as they arrive. A reader that stops early leaves the connection open for an answer. */
export async function* piecesOf(payload: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* payload.iterator({ destroyOnReturn: false });
  } catch (error) {
    if (payload.complete) throw error;
    throw new Refusal('parameter-invalid', 'The connection ended before the whole request body had arrived.');
  }
}

/** The JSON in a body; undefined when the body is empty. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    throw new Refusal('parameter-invalid', 'The request body is not JSON in UTF-8.');
  }
  if (holdsNul(text)) throw nul('The request body');
  if (mayHoldHalves(text) && !isWellFormed(value)) {
    const message = 'The request body holds half of a surrogate pair (\\ud800 to \\udfff alone); leave it out.';
    throw new Refusal('parameter-invalid', message);
  }
  return value;
}

/** Refuses a query or path that contains a NUL character. */
export function refuseNul(url: string): void {
  if (url.includes('%00')) throw nul('The path or query');
}

/** PostgreSQL cannot store it, and no honest name contains one. In JSON it can only appear as an escape. */
function holdsNul(json: string): boolean {
  return json.includes(String.raw`\u0000`) && /(?<!\\)(?:\\\\)*\\u0000/.test(json);
}

/** UTF-8 cannot encode half a surrogate pair, so one can only appear as an escape. */
function mayHoldHalves(json: string): boolean {
  return /\\u[dD][89a-fA-F]/.test(json);
}

/** Whether every text in it, field names included, can be stored unchanged. No recursion: a body may be deep. */
function isWellFormed(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string' && !one.isWellFormed()) return false;
    if (typeof one === 'object' && one !== null) for (const entry of Object.entries(one)) left.push(...entry);
  }
  return true;
}

function nul(where: string): Refusal {
  return new Refusal('parameter-invalid', `${where} holds a NUL character; leave it out.`);
}

function tooLong(length: number, limit: number): Refusal {
  return new Refusal('body-too-large', `The request body has ${length} bytes or more; this resource takes ${limit}.`);
}
