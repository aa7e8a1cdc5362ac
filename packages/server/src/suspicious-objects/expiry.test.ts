/** Expiration dates in every spelling that deployed clients send (contract 8, rules 4 and 18). */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpiry, writeExpiry } from './expiry.ts';

const now = Date.UTC(2026, 0, 1);
const moment = Date.UTC(2027, 0, 25, 9, 30);

describe('an expiration date', () => {
  it.each([undefined, null, '', '   '])('that is %j is never', (text) => {
    expect(parseExpiry(text, now)).toBeNull();
  });

  it.each([
    '2027-01-25T09:30:00Z',
    '2027-01-25T09:30Z',
    '2027-01-25T09:30U',
    '2027-01-25T09:30:00',
    '2027-01-25T09:30:00.000000',
    '2027-01-25T09:30:00.123456',
    '2027-01-25T09:30:00+00:00',
    '2027-01-25T09:30:00.000001+00:00',
    '2027-01-25 09:30:00',
    '2027-01-25t09:30:00z',
    ' 2027-01-25T09:30:00Z ',
  ])('written %j is one and the same moment', (text) => {
    expect(parseExpiry(text, now)).toBe(moment);
  });

  it.each([
    '2027-02-31T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-00-10T00:00:00Z',
    '2027-01-25T24:00:00Z',
    '2027-01-25T09:75:00Z',
    '2027-01-25T09:30:60Z',
    '2027-01-25',
    '2027-01-25T09',
    '2027-01-25T09:30:00+02:00',
    '0027-01-25T09:30:00Z',
    '25/01/2027 09:30',
    'tomorrow',
    '1800000000',
  ])('written %j is refused with the form that would do', (text) => {
    expect(() => parseExpiry(text, now)).toThrow(
      expect.objectContaining({
        reason: 'parameter-invalid',
        message: `expiration_utc_date is "${text}"; write it in UTC as YYYY-MM-DDTHH:MM:SSZ, or leave it out for never.`,
      }),
    );
  });

  it('that is over is refused with the time it is now', () => {
    expect(() => parseExpiry('2025-12-31T23:59:59Z', now)).toThrow(
      expect.objectContaining({
        reason: 'parameter-invalid',
        message:
          'expiration_utc_date is 2025-12-31T23:59:59 UTC, which is in the past: it is 2026-01-01T00:00:00 UTC now.',
      }),
    );
    expect(() => parseExpiry('2026-01-01T00:00:00Z', now)).toThrow('which is in the past');
    expect(parseExpiry('2026-01-01T00:00:01Z', now)).toBe(now + 1000);
  });

  it('goes out without a zone letter and comes back as the same moment', () => {
    const seconds = fc.integer({ min: now / 1000 + 1, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(
      fc.property(seconds, (at) => {
        expect(writeExpiry(at * 1000)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
        expect(parseExpiry(writeExpiry(at * 1000), now)).toBe(at * 1000);
      }),
    );
  });
});
