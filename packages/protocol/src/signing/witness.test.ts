/** Independent verification: jose and node:crypto sign and verify the same requests, both ways. */
import { createHash, createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeToken, requestChecksum, tokenAlgorithms } from './index.ts';
import { openToken } from './verification.ts';

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'patch'),
  path: fc.webPath(),
  query: fc.option(fc.webQueryParameters(), { nil: undefined }),
  headers: fc.string(),
  body: fc.uint8Array({ maxLength: 300 }),
});

const tokens = fc.record({
  applicationId: fc.string({ maxLength: 60 }),
  apiKey: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
  issuedAt: fc.oneof(fc.nat(), fc.double({ noNaN: true, min: 0, max: 4e9 })),
  checksum: fc.base64String({ maxLength: 60 }),
  algorithm: fc.constantFrom(...tokenAlgorithms),
});

describe('an independent implementation', () => {
  it('computes the same checksum for any request', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, query, headers, body }) => {
        const lower = path.toLowerCase() + (query === undefined || query === '' ? '' : `?${query.toLowerCase()}`);
        const text = Buffer.from([method.toUpperCase(), lower, headers, ''].join('|'));
        const theirs = createHash('sha256')
          .update(Buffer.concat([text, body]))
          .digest('base64');
        const url = query === undefined ? path : `${path}?${query}`;
        expect(await requestChecksum({ method, url, headers }, body)).toBe(theirs);
      }),
    );
  });

  it('verifies every token made here, and reads the same claims', async () => {
    await fc.assert(
      fc.asyncProperty(tokens, async (input) => {
        const { payload, protectedHeader } = await compactVerify(await makeToken(input), Buffer.from(input.apiKey));
        expect(protectedHeader).toEqual({ alg: input.algorithm, typ: 'JWT' });
        expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
          appid: input.applicationId,
          iat: Object.is(input.issuedAt, -0) ? 0 : input.issuedAt,
          version: 'V1',
          checksum: input.checksum,
        });
      }),
    );
  });

  it('signs tokens that open here, whatever the order and the case of the claims', async () => {
    await fc.assert(
      fc.asyncProperty(tokens, fc.boolean(), async (input, camel) => {
        const { checksum, applicationId: appid, issuedAt: iat } = input;
        const claims = { [camel ? 'checkSum' : 'checksum']: checksum, version: 'V1', iat, extra: null, appid };
        const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
          .setProtectedHeader({ typ: 'JWT', alg: input.algorithm })
          .sign(Buffer.from(input.apiKey));
        const opened = openToken(`Bearer ${token}`, () => createSecretKey(Buffer.from(input.apiKey)));
        expect(opened.checksum).toBe(checksum);
        expect(opened.applicationId).toBe(appid);
        expect(opened.issuedAt === iat).toBe(true);
      }),
    );
  });

  it('is refused when it signs with another key', async () => {
    await fc.assert(
      fc.asyncProperty(tokens, fc.string({ minLength: 1 }), async (input, other) => {
        fc.pre(other !== input.apiKey);
        const header = `Bearer ${await makeToken({ ...input, apiKey: other })}`;
        const opening = (): unknown => openToken(header, () => createSecretKey(Buffer.from(input.apiKey)));
        // HMAC pads short keys with zero bytes, so keys that differ in trailing NULs only are one key.
        fc.pre(other.replace(/\0+$/, '') !== input.apiKey.replace(/\0+$/, ''));
        expect(opening).toThrow('The token is not signed with the API key of this application');
      }),
    );
  });
});
