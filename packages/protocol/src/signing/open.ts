/** Opens the token of a request: from the header's text to claims that were signed (contract 1.1-1.3). Node only. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../automation/reasons.ts';
import { tokenAlgorithms } from './make.ts';
import type { TokenAlgorithm } from './make.ts';

/** What a token says, after its signature was verified. */
export interface Claims {
  readonly applicationId: string;
  /** Seconds since 1970; may carry a fraction. */
  readonly issuedAt: number;
  readonly version: string;
  /** Base64 of a SHA-256. */
  readonly checksum: string;
}

/** The parts of a token, not verified yet. */
interface Parts {
  readonly algorithm: TokenAlgorithm;
  readonly signed: string;
  readonly signature: Buffer;
  readonly claims: Claims;
}

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

/** Longer than any valid token; limits the work that a stranger can cause. */
const longestToken = 4096;

/**
 * The claims of an `Authorization` header whose signature fits the key that `keyOf` gives for its application.
 * Refuses with `token-missing`, `token-malformed`, `algorithm-unsupported`, `application-unknown`,
 * `signature-invalid`, or whatever `keyOf` throws; in that order. Nothing is read from the body, and no I/O is done.
 */
export function openToken(authorization: string | undefined, keyOf: (applicationId: string) => KeyObject): Claims {
  const parts = takeApart(bearerToken(authorization));
  const expected = createHmac(hashes[parts.algorithm], keyOf(parts.claims.applicationId)).update(parts.signed).digest();
  if (expected.length !== parts.signature.length || !timingSafeEqual(expected, parts.signature)) {
    throw new Refusal(
      'signature-invalid',
      'The token is not signed with the API key of this application. Check the key, and that it was not rotated since.',
    );
  }
  return parts.claims;
}

function bearerToken(authorization: string | undefined): string {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  if (match?.[1] === undefined) {
    throw new Refusal(
      'token-missing',
      'The request has no "Authorization: Bearer <token>" header. Sign each request with the application\'s API key.',
    );
  }
  if (match[1].length > longestToken) throw malformed(`it is longer than ${longestToken} characters`);
  return match[1];
}

function takeApart(token: string): Parts {
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw malformed('it is not three base64url parts joined by dots');
  }
  return {
    algorithm: readAlgorithm(readJson(header, 'header')),
    claims: readClaims(readJson(payload, 'payload')),
    signed: `${header}.${payload}`,
    signature: readBase64url(signature, 'signature'),
  };
}

function readAlgorithm(header: Record<string, unknown>): TokenAlgorithm {
  if (header['typ'] !== 'JWT') throw malformed('the "typ" of its header is not "JWT"');
  const algorithm = tokenAlgorithms.find((name) => name === header['alg']);
  if (algorithm === undefined) {
    throw new Refusal('algorithm-unsupported', `The token's "alg" must be one of ${tokenAlgorithms.join(', ')}.`);
  }
  return algorithm;
}

/** Claim names are matched without regard to case: a public client spells one `checkSum`. */
function readClaims(payload: Record<string, unknown>): Claims {
  const claims = new Map<string, unknown>();
  for (const [name, value] of Object.entries(payload)) {
    const key = name.toLowerCase();
    if (claims.has(key)) throw malformed(`the claim "${key.slice(0, 20)}" stands in it twice`);
    claims.set(key, value);
  }
  const [applicationId, issuedAt] = [claims.get('appid'), claims.get('iat')];
  const [version, checksum] = [claims.get('version'), claims.get('checksum')];
  if (typeof applicationId !== 'string') throw malformed('the claim "appid" is not a string');
  if (typeof issuedAt !== 'number' || !Number.isFinite(issuedAt)) throw malformed('the claim "iat" is not a number');
  if (typeof version !== 'string') throw malformed('the claim "version" is not a string');
  if (typeof checksum !== 'string') throw malformed('the claim "checksum" is not a string');
  return { applicationId, issuedAt, version, checksum };
}

function readJson(part: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readBase64url(part, name).toString('utf8'));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw malformed(`its ${name} is not JSON`);
  }
  if (!isRecord(value)) throw malformed(`its ${name} is not a JSON object`);
  return value;
}

function readBase64url(part: string, name: string): Buffer {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) throw malformed(`its ${name} is not base64url`);
  return Buffer.from(part, 'base64url');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): Refusal {
  return new Refusal('token-malformed', `The token cannot be read: ${why}.`);
}
