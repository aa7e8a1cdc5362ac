/** The one path that every Automation API request takes: encode, serialise once, sign, send, read. */
import { makeToken, requestChecksum } from '@cordon/protocol/signing';
import type { TokenAlgorithm } from '@cordon/protocol/signing';
import { readAnswer } from '../answers.ts';
import type { Content } from '../answers.ts';
import { encodeQuery } from '../transport/base-url.ts';
import type { BaseUrl, Query } from '../transport/base-url.ts';
import type { SignableBody } from '../transport/body.ts';
import { retrying } from '../transport/retrying.ts';
import type { RetryOptions } from '../transport/retrying.ts';
import type { Transport } from '../transport/transport.ts';

export interface SignedApiSettings {
  readonly base: BaseUrl;
  readonly applicationId: string;
  readonly apiKey: string;
  readonly algorithm: TokenAlgorithm;
  readonly transport: Transport;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly retries: RetryOptions;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: SignableBody;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one signed request and returns the content of its answer. */
export type SignedApi = (call: Call) => Promise<Content>;

export function signedApi(settings: SignedApiSettings): SignedApi {
  return (call) => {
    // GET and PUT can be repeated. An act would happen twice, and a repeated removal would report that nothing was there.
    const repeatable = call.method === 'GET' || call.method === 'PUT';
    const { retries: options } = settings;
    return retrying(() => once(call, settings), { options, repeatable, signal: call.signal, random: Math.random });
  };
}

/** Signs each attempt: a token is valid only for a while. */
async function once(call: Call, settings: SignedApiSettings): Promise<Content> {
  const url = call.path + encodeQuery(call.query ?? {});
  const authorization = `Bearer ${await tokenFor(call, url, settings)}`;
  const answer = await settings.transport({
    method: call.method,
    url: settings.base.href + url,
    headers: headersFor(call, authorization),
    ...(call.body ? { body: call.body } : {}),
    ...(call.signal ? { signal: call.signal } : {}),
  });
  return readAnswer(answer, { host: settings.base.host, now: settings.now() });
}

/** The checksum first, then the clock: hashing a large file could otherwise use up a short time-out. */
async function tokenFor(call: Call, url: string, settings: SignedApiSettings): Promise<string> {
  const head = { method: call.method, url };
  const checksum = call.body ? await call.body.checksum(head) : await requestChecksum(head);
  const { applicationId, apiKey, algorithm } = settings;
  return makeToken({ applicationId, apiKey, algorithm, checksum, issuedAt: settings.now() / 1000 });
}

function headersFor(call: Call, authorization: string): Record<string, string> {
  const headers = { Authorization: authorization, Accept: 'application/json' };
  return call.body ? { ...headers, 'Content-Type': 'application/json;charset=utf-8' } : headers;
}
