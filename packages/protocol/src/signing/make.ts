/** Makes the token that a client sends with one request (contract 1.2-1.4). Web Crypto only, so browsers can. */
import { checksumPrefix } from './checksum.ts';
import type { RequestHead } from './checksum.ts';

/** The HMACs that the contract allows. */
export type TokenAlgorithm = 'HS256' | 'HS384' | 'HS512';

export const tokenAlgorithms: readonly TokenAlgorithm[] = ['HS256', 'HS384', 'HS512'];

export interface TokenInput {
  readonly applicationId: string;
  /** The HMAC secret, used as its UTF-8 text. Never sent. */
  readonly apiKey: string;
  /** Seconds since 1970, whole or with a fraction. */
  readonly issuedAt: number;
  /** From `requestChecksum`, or any other way to the same base64. */
  readonly checksum: string;
  readonly algorithm?: TokenAlgorithm;
}

/** Base64 of the SHA-256 over head and body; the body as the very bytes (or text) that will be sent. */
export async function requestChecksum(head: RequestHead, body: Uint8Array | string = ''): Promise<string> {
  const prefix = new TextEncoder().encode(checksumPrefix(head));
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const all = new Uint8Array(prefix.length + bytes.length);
  all.set(prefix);
  all.set(bytes, prefix.length);
  return base64(new Uint8Array(await crypto.subtle.digest('SHA-256', all)));
}

/** A compact JWS with the claims in the order of the contract: appid, iat, version, checksum. */
export async function makeToken(input: TokenInput): Promise<string> {
  const algorithm = input.algorithm ?? 'HS256';
  const header = base64url(JSON.stringify({ alg: algorithm, typ: 'JWT' }));
  const claims = { appid: input.applicationId, iat: input.issuedAt, version: 'V1', checksum: input.checksum };
  const signed = `${header}.${base64url(JSON.stringify(claims))}`;
  const hash = `SHA-${algorithm.slice(2)}`;
  const secret = new TextEncoder().encode(input.apiKey);
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed));
  return `${signed}.${urlSafe(base64(new Uint8Array(signature)))}`;
}

function base64url(text: string): string {
  return urlSafe(base64(new TextEncoder().encode(text)));
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
