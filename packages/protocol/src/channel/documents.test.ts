/** Signed documents: only what the pinned key signed, as the kind it was signed as, opens. */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helloBytes, openDocument, signDocument } from './documents.ts';
import type { DesiredState } from './documents.shape.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const guid = '492E8584-0114-694D-BF9D-44CC20141501';
const desired: DesiredState = {
  agent: guid,
  enrolment: guid,
  epoch: 7,
  isolation: 'isolated',
  installed: true,
  gateways: [{ server: guid, address: '192.0.2.1', port: 4343 }],
  publicKeyPins: [`${'a'.repeat(43)}=`],
  issuedAt: 1_700_000_000_000,
};

describe('a signed document', () => {
  it('opens to what was signed', () => {
    expect(openDocument('desired', signDocument('desired', desired, privateKey), publicKey)).toEqual(desired);
  });

  it('signed with another key does not open', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(() => openDocument('desired', signDocument('desired', desired, other), publicKey)).toThrow(
      'The signature of this desired document does not fit the pinned key.',
    );
  });

  it('of one kind does not open as another', () => {
    const signed = signDocument('desired', desired, privateKey);
    expect(() => openDocument('report', signed, publicKey)).toThrow('does not fit the pinned key');
  });

  it.each([
    ['an epoch below zero', { ...desired, epoch: -1 }, '/epoch'],
    ['no gateway', { ...desired, gateways: [] }, '/gateways'],
    ['an agent that is no GUID', { ...desired, agent: '../../etc' }, '/agent'],
  ])('that is signed but has %s says so', (_name, value, where) => {
    expect(() => openDocument('desired', signedText(JSON.stringify(value), privateKey), publicKey)).toThrow(
      `The desired document is signed but malformed: ${where}`,
    );
  });

  it('does not open after any one character was changed', () => {
    const signed = signDocument('desired', desired, privateKey);
    fc.assert(
      fc.property(fc.nat(signed.document.length - 1), (at) => {
        const letter = signed.document[at] === '1' ? '2' : '1';
        const document = signed.document.slice(0, at) + letter + signed.document.slice(at + 1);
        expect(() => openDocument('desired', { ...signed, document }, publicKey)).toThrow('does not fit');
      }),
    );
  });

  it('with an arbitrary signature does not open', () => {
    fc.assert(
      fc.property(fc.string(), (signature) => {
        expect(() => openDocument('desired', { document: '{}', signature }, publicKey)).toThrow('does not fit');
      }),
    );
  });
});

describe('what an agent signs to open its channel', () => {
  it('is the same whatever the letter case of its GUID, and differs for another public key', () => {
    const hello = { agent: guid, nonce: 'n', publicKeyPin: 'f' };
    expect(helloBytes({ ...hello, agent: guid.toLowerCase() })).toEqual(helloBytes(hello));
    expect(helloBytes({ ...hello, publicKeyPin: 'g' })).not.toEqual(helloBytes(hello));
  });
});

function signedText(document: string, key: KeyObject): { document: string; signature: string } {
  const signature = sign(null, Buffer.from(`cordon desired 1\n${document}`), key).toString('base64');
  return { document, signature };
}
