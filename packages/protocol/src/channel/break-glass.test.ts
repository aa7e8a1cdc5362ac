/** Break-glass codes: forgiving to type, bound to one isolation of one agent. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { breakGlassDigest, writeBreakGlassCode } from './break-glass.ts';

const isolation = {
  agent: '11111111-2222-3333-4444-555555555555',
  enrolment: '66666666-7777-8888-9999-aaaaaaaaaaaa',
  epoch: 7,
};

describe('writeBreakGlassCode', () => {
  it('writes three groups of four that can be read aloud', () => {
    expect(writeBreakGlassCode(randomBytes(32))).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(writeBreakGlassCode(Buffer.alloc(32))).toBe('0000-0000-0000');
  });

  it('refuses to make a code of too little secret', () => {
    expect(() => writeBreakGlassCode(Buffer.alloc(11))).toThrow('A code needs 12 secret bytes; there are 11.');
  });
});

describe('breakGlassDigest', () => {
  it('forgives letter case, spaces, missing dashes, and O, I and L', () => {
    const desired = breakGlassDigest('01AB-10CD-EF11', isolation);
    for (const typed of ['01ab-10cd-ef11', '01AB10CDEF11', ' 0lab IOcd efil ', 'oiAB-1OCD-EFLI']) {
      expect(breakGlassDigest(typed, isolation)).toBe(desired);
    }
  });

  it('differs for another code, agent, enrolment and epoch', () => {
    const code = '01AB-10CD-EF11';
    const others = [
      breakGlassDigest('01AB-10CD-EF12', isolation),
      breakGlassDigest(code, { ...isolation, agent: isolation.enrolment }),
      breakGlassDigest(code, { ...isolation, enrolment: isolation.agent }),
      breakGlassDigest(code, { ...isolation, epoch: 8 }),
    ];
    expect(new Set([breakGlassDigest(code, isolation), ...others]).size).toBe(5);
  });
});
