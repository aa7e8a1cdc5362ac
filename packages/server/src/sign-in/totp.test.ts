/** One-time passwords against the vectors of the RFCs. */
import { describe, expect, it } from 'vitest';
import { base32, codeAt, otpauthUri, stepAt, stepOf } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

describe('a code', () => {
  it('is that of RFC 4226, appendix D, for the first ten counters', () => {
    const codes = Array.from({ length: 10 }, (_one, counter) => codeAt(secret, counter));
    expect(codes.join(' ')).toBe('755224 287082 359152 969429 338314 254676 287922 162583 399871 520489');
  });

  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %i s is the last six digits of RFC 6238, appendix B', (seconds, code) => {
    expect(codeAt(secret, stepAt(seconds * 1000))).toBe(code.slice(2));
  });
});

describe('a code that was given', () => {
  const now = 1_111_111_111_000;
  const step = stepAt(now);

  it('is taken of this step and of those beside it, spaces or not', () => {
    for (const near of [step - 1, step, step + 1]) {
      expect(stepOf(secret, codeAt(secret, near), { now, after: 0 })).toBe(near);
    }
    expect(stepOf(secret, ' 050 471 ', { now, after: 0 })).toBe(step);
  });

  it('is not taken of a step further away, nor of one up to the last that was taken', () => {
    for (const far of [step - 2, step + 2])
      expect(stepOf(secret, codeAt(secret, far), { now, after: 0 })).toBeUndefined();
    expect(stepOf(secret, codeAt(secret, step), { now, after: step })).toBeUndefined();
    expect(stepOf(secret, codeAt(secret, step + 1), { now, after: step })).toBe(step + 1);
  });

  it.each(['', '12345', '0504710', '٠٥٠٤٧١', 'abcdef'])('is not "%s"', (code) => {
    expect(stepOf(secret, code, { now, after: 0 })).toBeUndefined();
  });
});

describe('a secret', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('"%s" is "%s" in base32, as RFC 4648 has it without padding', (text, expected) => {
    expect(base32(Buffer.from(text))).toBe(expected);
  });

  it('is read by an authenticator from an address in which no name can add anything', () => {
    const uri = new URL(otpauthUri('ada@example.org', secret));
    expect(uri.protocol + uri.host + uri.pathname).toBe('otpauth:totp/Cordon%3Aada%40example.org');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Cordon',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
