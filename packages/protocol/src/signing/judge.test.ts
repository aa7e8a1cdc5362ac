/** Judging opened claims: how old, how far ahead, which version, which checksum. */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../automation/reasons.ts';
import { judgeChecksum, judgeClaims } from './verification.ts';

const claims = { applicationId: 'a', issuedAt: 1_700_000_000, version: 'V1', checksum: 'YQ==' };
const at = (age: number): { now: number; timeout: number } => ({ now: claims.issuedAt + age, timeout: 300 });

describe('the age of a token', () => {
  it.each([0, 299.999, 300, -300, -0.5])('is accepted at %d s, where 300 are allowed', (age) => {
    expect(() => judgeClaims(claims, at(age))).not.toThrow();
  });

  it('is refused just past the boundary, and the sentence says how old and how much is allowed', () => {
    expect(() => judgeClaims(claims, at(312))).toThrow(
      new Refusal(
        'token-expired',
        "The token was made 312 s ago by this server's clock; this application allows 300 s. " +
          'Make a new token for each request, and check both clocks.',
      ),
    );
    expect(() => judgeClaims(claims, at(300.001))).toThrow(Refusal);
  });

  it('is refused when it is further in the future than the time-out', () => {
    expect(() => judgeClaims(claims, at(-301))).toThrow('The token was made 301 s in the future');
  });

  it('has a decimal where seconds are few', () => {
    const tight = { now: claims.issuedAt + 1.25, timeout: 1 };
    expect(() => judgeClaims(claims, tight)).toThrow('The token was made 1.3 s ago');
  });
});

describe('the version of a token', () => {
  it.each(['v1', 'V2', ''])('%j is refused before its age is looked at', (version) => {
    const error = refusalOf(() => judgeClaims({ ...claims, version }, at(9999)));
    expect(error.reason).toBe('version-unsupported');
  });
});

describe('the checksum of a token', () => {
  it('is accepted when it is any of the computed ones', () => {
    expect(() => judgeChecksum(claims, ['Yg==', 'YQ=='])).not.toThrow();
  });

  it.each([[[]], [['YQ=']], [['yq==']], [['Yg==', 'YWE=']]])('is refused over %j', (computed) => {
    expect(refusalOf(() => judgeChecksum(claims, computed)).reason).toBe('checksum-invalid');
  });
});

function refusalOf(act: () => void): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}
