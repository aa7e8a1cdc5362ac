/** Posts to a receiver that may be slow, broken or hostile: one answer, limited in time and size, or an Error. */
import * as http from 'node:http';
import * as https from 'node:https';
import { checkedLookup, literalRefusal } from '../delivery/destinations.ts';
import type { DestinationRules } from '../delivery/destinations.ts';

export interface Posting {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Roots that the receiver's certificate must lead to; null for those that this machine trusts. */
  readonly ca: string | null;
  readonly rules: DestinationRules;
  /** Ends the attempt when the server stops. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** How long the receiver asks us to wait, milliseconds. */
  readonly retryAfter: number | undefined;
}

/** For the whole answer, connecting included. */
const answerTimeoutMs = 10_000;
/** Only the status of an answer is used, so the rest of a long one is not read. */
const maxAnswerBytes = 65_536;

/** A redirect is an answer like any other: nobody approved its target. */
export async function post(posting: Posting): Promise<Answer> {
  const refused = literalRefusal(posting.url.hostname, posting.rules);
  if (refused !== undefined) throw new Error(refused);
  const late = AbortSignal.timeout(answerTimeoutMs);
  try {
    return await send(posting, AbortSignal.any([posting.signal, late]));
  } catch (error) {
    if (late.aborted)
      throw new Error(`The receiver did not answer completely within ${answerTimeoutMs / 1000} s.`, { cause: error });
    throw error;
  }
}

function send(posting: Posting, signal: AbortSignal): Promise<Answer> {
  const body = Buffer.from(posting.body, 'utf8');
  const options: https.RequestOptions = {
    method: 'POST',
    headers: { ...posting.headers, 'content-length': String(body.length) },
    // A new connection: a kept one may have been closed meanwhile, and then nobody knows what arrived.
    agent: false,
    lookup: checkedLookup(posting.rules),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    signal,
    ...(posting.ca === null ? {} : { ca: posting.ca }),
  };
  const client = posting.url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const request = client.request(posting.url, options, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  let length = 0;
  for await (const piece of response.iterator({ destroyOnReturn: true })) {
    length += Buffer.byteLength(piece);
    if (length > maxAnswerBytes) break;
  }
  return { status: response.statusCode ?? 0, retryAfter: secondsIn(response.headers['retry-after']) };
}

function secondsIn(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}
