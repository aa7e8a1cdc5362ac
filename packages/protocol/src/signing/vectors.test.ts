/** The published vectors: output matches the contract byte for byte. */
import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalHeaders, checksumPrefix, makeToken, requestChecksum, tokenAlgorithms } from './index.ts';
import { openToken } from './verification.ts';
import vectors from './vectors.json' with { type: 'json' };

const { tokens } = vectors;
const key = createSecretKey(Buffer.from(tokens.apiKey));

describe('the checksum of a request', () => {
  it.each(vectors.checksums)('of $method $url is $checksum', async ({ method, url, headers, body, checksum }) => {
    expect(await requestChecksum({ method, url, headers }, body)).toBe(checksum);
    expect(await requestChecksum({ method, url, headers }, new TextEncoder().encode(body))).toBe(checksum);
  });

  it('takes the method in any case and the path in any case', async () => {
    const [first] = vectors.checksums;
    const head = { method: 'get', url: '/WEBAPP/api/agentresource/PRODUCTAGENTS' };
    expect(await requestChecksum(head)).toBe(first?.checksum);
  });

  it('leaves out the question mark of an empty query, and keeps every other one', () => {
    expect(checksumPrefix({ method: 'GET', url: '/A?' })).toBe('GET|/a||');
    expect(checksumPrefix({ method: 'GET', url: '/A?b=1?' })).toBe('GET|/a?b=1?||');
  });

  it('keeps the trailing slash and the percent-escapes of the wire', () => {
    expect(checksumPrefix({ method: 'DELETE', url: '/A/?x=%2F' })).toBe('DELETE|/a/?x=%2f||');
  });
});

describe('canonical headers', () => {
  it('are those that start with API, in lower case, trimmed, sorted and joined by &', () => {
    const headers = [
      ['Content-Type', 'application/json'],
      ['API-Version', ' V1 '],
      ['api-Trace', 'a1'],
      ['X-Api-Key', 'no'],
    ] as const;
    expect(canonicalHeaders(headers)).toBe('api-trace:a1&api-version:V1');
  });

  it('are empty when no header starts with API', () => {
    expect(canonicalHeaders([['Authorization', 'Bearer x']])).toBe('');
  });
});

describe('the token of a request', () => {
  it.each(tokenAlgorithms)('signed with %s is the published one and opens again', async (algorithm) => {
    const token = await makeToken({ ...tokens, algorithm });
    const header = Buffer.from(`{"alg":"${algorithm}","typ":"JWT"}`).toString('base64url');
    const payload = Buffer.from(tokens.payload).toString('base64url');
    expect(token).toBe(`${header}.${payload}.${tokens.signatures[algorithm]}`);
    expect(openToken(`Bearer ${token}`, () => key)).toEqual({
      applicationId: tokens.applicationId,
      issuedAt: tokens.issuedAt,
      version: 'V1',
      checksum: tokens.checksum,
    });
  });

  it('is signed with HS256 when nothing else is asked for', async () => {
    expect(await makeToken(tokens)).toBe(await makeToken({ ...tokens, algorithm: 'HS256' }));
  });

  it('may carry a fraction in its iat, as the guides send it', async () => {
    const token = await makeToken({ ...tokens, issuedAt: 1_700_000_000.123456 });
    expect(openToken(`Bearer ${token}`, () => key).issuedAt).toBe(1_700_000_000.123456);
  });
});
