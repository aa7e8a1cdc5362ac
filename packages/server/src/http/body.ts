/** Reads request bodies: as bytes within a limit, whatever the Content-Type says (contract 8, rule 11). */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '@cordon/protocol/automation';

/** The body, or a Refusal once it is longer than `limit` bytes. */
export async function readBody(payload: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(payload.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLong(declared, limit);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > limit) throw tooLong(length, limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The JSON in a body; undefined when there is none at all. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Refusal('parameter-invalid', 'The request body is not JSON in UTF-8.');
  }
}

function tooLong(length: number, limit: number): Refusal {
  return new Refusal('body-too-large', `The request body has ${length} bytes or more; this resource takes ${limit}.`);
}
