/** The enrolment token: one line that survives copying, and says so when it did not. */
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnrolAnswer, readEnrolmentToken, writeEnrolmentToken } from './enrolment.ts';
import type { EnrolmentToken } from './enrolment.shape.ts';

const token: EnrolmentToken = {
  gateways: [{ host: 'cordon.example', port: 4343 }],
  publicKeyPins: [`${'a'.repeat(43)}=`],
  signingKey: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  secret: 'AAAAAAAAAAAAAAAAAAAAAA',
  expiresAt: 1_700_000_000_000,
};

describe('an enrolment token', () => {
  it('is one line without spaces, and reads back', () => {
    const line = writeEnrolmentToken(token);
    expect(line).toMatch(/^cordon1\.[\w-]+$/);
    expect(readEnrolmentToken(`  ${line}\n`)).toEqual(token);
  });

  it('that is something else is named as such', () => {
    expect(() => readEnrolmentToken('AAAAAAAA-BBBB')).toThrow(
      'An enrolment token starts with "cordon1."; copy the whole line that "cordon enrol-token" printed.',
    );
  });

  it('cut short anywhere is damaged', () => {
    const line = writeEnrolmentToken(token);
    fc.assert(
      fc.property(fc.integer({ min: 'cordon1.'.length, max: line.length - 1 }), (end) => {
        expect(() => readEnrolmentToken(line.slice(0, end))).toThrow('damaged or cut short; copy the whole line again');
      }),
    );
  });

  it('of arbitrary content is damaged, never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const line = `cordon1.${Buffer.from(text).toString('base64url')}`;
        expect(() => readEnrolmentToken(line)).toThrow('damaged or cut short');
      }),
    );
  });

  it('with a fingerprint in place of a public key is damaged', () => {
    const line = writeEnrolmentToken({ ...token, publicKeyPins: ['0F'.repeat(32)] });
    expect(() => readEnrolmentToken(line)).toThrow('damaged or cut short');
  });
});

describe('the answer to an enrolment', () => {
  it('reads back', () => {
    const answer = { agent: 'a', enrolment: 'e', desired: { document: '{}', signature: 's'.repeat(88) } };
    expect(readEnrolAnswer(JSON.stringify(answer))).toEqual(answer);
  });

  it.each(['{}', 'null', '[]', '<html>', ''])('%j is named as something else', (text) => {
    expect(() => readEnrolAnswer(text)).toThrow('answered the enrolment with something else than an enrolment');
  });
});
