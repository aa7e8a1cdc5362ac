/** Requests as bytes on the wire: signed by hand here, so that each part can be wrong. */
import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { TestServer } from '../harness/server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query, sent unchanged. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The loopback address that it comes from, so that its audit lines can be found. */
  readonly from?: string;
}

/** Sends a request on a connection of its own. */
export function send(server: TestServer, raw: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  const length = raw.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(raw.body)) };
  return new Promise((resolve, reject) => {
    const sent = request({
      host: hostname,
      port,
      method: raw.method,
      path: raw.path,
      headers: { ...length, ...raw.headers },
      localAddress: raw.from ?? '127.0.0.1',
      agent: false,
      rejectUnauthorized: false,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.end(raw.body);
  });
}

export interface Keys {
  readonly applicationId: string;
  readonly apiKey: string;
}

/** How the signature differs from what is sent. */
export interface Signing {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | Buffer;
  /** The headers as they are hashed. */
  readonly canonicalHeaders?: string;
  /** How much older than now the token is, milliseconds. */
  readonly age?: number;
  readonly issuedAt?: number;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Replaces or adds claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Other spellings of claims. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
}

/** The token of a request, built like the guides' sample. */
export function tokenFor(keys: Keys, raw: RawRequest, signing: Signing = {}): string {
  const issuedAt = signing.issuedAt ?? (Date.now() - (signing.age ?? 0)) / 1000;
  const checksum = createHash('sha256')
    .update(`${signing.method ?? raw.method}|${(signing.path ?? raw.path).toLowerCase()}|`)
    .update(`${signing.canonicalHeaders ?? ''}|`)
    .update(signing.body ?? raw.body ?? '')
    .digest('base64');
  const claims = { appid: keys.applicationId, iat: issuedAt, version: 'V1', checksum, ...signing.claims };
  const renamed = Object.entries(claims).map(([name, value]) => [signing.rename?.[name] ?? name, value] as const);
  const signed = `${part({ alg: 'HS256', typ: 'JWT', ...signing.header })}.${part(Object.fromEntries(renamed))}`;
  const signature = createHmac(signing.hash ?? 'sha256', keys.apiKey)
    .update(signed)
    .digest('base64url');
  return `${signed}.${signature}`;
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Signs and sends. */
export function call(server: TestServer, keys: Keys, raw: RawRequest, signing: Signing = {}): Promise<Answer> {
  const authorization = `Bearer ${tokenFor(keys, raw, signing)}`;
  return send(server, { ...raw, headers: { Authorization: authorization, ...raw.headers } });
}
