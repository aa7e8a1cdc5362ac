/** Hostile and broken tokens: each is refused with its reason; nothing but a Refusal is thrown. */
import { createHmac, createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../automation/reasons.ts';
import type { Reason } from '../automation/reasons.ts';
import { openToken } from './verification.ts';

const key = createSecretKey(Buffer.from('AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE'));
const goodHeader = '{"alg":"HS256","typ":"JWT"}';
const goodClaims = '{"appid":"a","iat":1700000000,"version":"V1","checksum":"c"}';

/** A token with a valid signature over any text; only the key holder could send it. */
function signed(header: string, claims: string): string {
  const text = `${Buffer.from(header).toString('base64url')}.${Buffer.from(claims).toString('base64url')}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function knowsNobody(): never {
  throw new Refusal('application-unknown', 'There is no such application.');
}

function outcome(authorization: string | undefined): Reason | 'opened' {
  try {
    openToken(authorization, () => key);
    return 'opened';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

describe('a token is refused as', () => {
  const rows: [string, string | undefined, Reason][] = [
    ['missing: no header', undefined, 'token-missing'],
    ['missing: empty header', '', 'token-missing'],
    ['missing: another scheme', 'Basic QTpC', 'token-missing'],
    ['missing: a scheme without a token', 'Bearer ', 'token-missing'],
    ['malformed: two parts', 'Bearer a.b', 'token-malformed'],
    ['malformed: four parts', 'Bearer a.b.c.d', 'token-malformed'],
    ['malformed: longer than any honest one', `Bearer ${'a'.repeat(4097)}`, 'token-malformed'],
    ['malformed: standard base64 in the signature', 'Bearer e30.e30.ab+/', 'token-malformed'],
    ['malformed: typ left out', `Bearer ${signed('{"alg":"HS256"}', goodClaims)}`, 'token-malformed'],
    ['malformed: typ in lower case', `Bearer ${signed('{"alg":"HS256","typ":"jwt"}', goodClaims)}`, 'token-malformed'],
    ['malformed: header is a list', `Bearer ${signed('[]', goodClaims)}`, 'token-malformed'],
    ['malformed: claims are null', `Bearer ${signed(goodHeader, 'null')}`, 'token-malformed'],
    [
      'malformed: a claim twice',
      `Bearer ${signed(goodHeader, goodClaims.replace('}', ',"checkSum":"d"}'))}`,
      'token-malformed',
    ],
    [
      'malformed: iat as text',
      `Bearer ${signed(goodHeader, goodClaims.replace('1700000000', '"1700000000"'))}`,
      'token-malformed',
    ],
    [
      'malformed: iat beyond any number',
      `Bearer ${signed(goodHeader, goodClaims.replace('1700000000', '1e999'))}`,
      'token-malformed',
    ],
    ['malformed: iat NaN', `Bearer ${signed(goodHeader, goodClaims.replace('1700000000', 'NaN'))}`, 'token-malformed'],
    [
      'malformed: no version',
      `Bearer ${signed(goodHeader, '{"appid":"a","iat":1,"checksum":"c"}')}`,
      'token-malformed',
    ],
    ['of no algorithm: none', `Bearer ${signed('{"alg":"none","typ":"JWT"}', goodClaims)}`, 'algorithm-unsupported'],
    ['of no algorithm: RS256', `Bearer ${signed('{"alg":"RS256","typ":"JWT"}', goodClaims)}`, 'algorithm-unsupported'],
    ['of no algorithm: hs256', `Bearer ${signed('{"alg":"hs256","typ":"JWT"}', goodClaims)}`, 'algorithm-unsupported'],
    ['of no algorithm: an object', `Bearer ${signed('{"alg":{},"typ":"JWT"}', goodClaims)}`, 'algorithm-unsupported'],
    [
      'unsigned: empty signature',
      `Bearer ${signed(goodHeader, goodClaims).replace(/[^.]*$/, '')}`,
      'signature-invalid',
    ],
    [
      'signed otherwise: HS512 said, HS256 used',
      `Bearer ${signed('{"alg":"HS512","typ":"JWT"}', goodClaims)}`,
      'signature-invalid',
    ],
  ];
  it.each(rows)('%s', (_name, authorization, reason) => {
    expect(outcome(authorization)).toBe(reason);
  });

  it('the application is unknown: what keyOf throws passes through, before the signature is looked at', () => {
    const authorization = `Bearer ${signed(goodHeader, goodClaims).slice(0, -1)}`;
    expect(() => openToken(authorization, knowsNobody)).toThrow('There is no such application.');
  });
});

describe('a good token opens', () => {
  it('with the scheme in any case and spaces around', () => {
    expect(outcome(`bearer   ${signed(goodHeader, goodClaims)} `)).toBe('opened');
  });

  it('with claims that nobody knows beside the four', () => {
    expect(outcome(`Bearer ${signed(goodHeader, goodClaims.replace('}', ',"jti":{"a":[1]}}'))}`)).toBe('opened');
  });
});

describe('whatever bytes arrive', () => {
  it('nothing but a Refusal is thrown for arbitrary headers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(outcome(`Bearer ${text}`)).toMatch(/^token-m/);
      }),
    );
  });

  it('nothing but a Refusal is thrown for arbitrary parts, signed by the key holder', () => {
    const part = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom(goodHeader, goodClaims, '{"__proto__":{"typ":"JWT"}}'),
    );
    fc.assert(
      fc.property(part, part, (header, claims) => {
        expect(outcome(`Bearer ${signed(header, claims)}`)).toMatch(/^(token-malformed|algorithm-unsupported|opened)$/);
      }),
    );
  });

  it('no single changed character of a good token opens', () => {
    const token = signed(goodHeader, goodClaims);
    // The last character of a base64url part may hold bits that decode to nothing; the signature's is left out.
    fc.assert(
      fc.property(fc.nat(token.length - 2), fc.constantFrom('A', 'z', '-', '.'), (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(outcome(`Bearer ${token.slice(0, at)}${letter}${token.slice(at + 1)}`)).not.toBe('opened');
      }),
    );
  });

  it('a refusal repeats nothing of the token', () => {
    const secret = 'c2VjcmV0LWNsYWlt';
    const claims = JSON.stringify({ appid: secret, iat: 'x', version: secret, checksum: secret });
    expect(() => openToken(`Bearer ${signed(goodHeader, claims)}`, () => key)).toThrow(
      /^The token cannot be read: the claim "iat" is not a number\.$/,
    );
  });
});
