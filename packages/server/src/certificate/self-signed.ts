/**
 * Makes one self-signed certificate for a P-256 key: RFC 5280, version 3, with the names a client may check.
 *
 * Written here because the one maintained library for it brings a dependency-injection container and a reflection
 * polyfill into the process that holds the keys (docs/decisions/0003). Node itself then parses and verifies the result.
 */
import { X509Certificate, createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { addressHex, parseAddress } from '@cordon/protocol/addresses';

export interface SelfSigned {
  /** PEM. */
  readonly certificate: string;
  /** PKCS #8 PEM. */
  readonly key: string;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The DER tags (X.690) that a certificate needs. */
const tag = {
  integer: 2,
  bits: 3,
  octets: 4,
  oid: 6,
  utf8: 12,
  utcTime: 23,
  generalizedTime: 24,
  sequence: 48,
  set: 49,
};

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const commonName = oid('550403');
const subjectAlternativeName = oid('551d11');

/** A certificate for `hosts` (names and addresses) and this P-256 key. */
export function makeSelfSigned(hosts: readonly string[], validity: Validity, privateKey: KeyObject): SelfSigned {
  const body = certificateBody(hosts, validity, privateKey);
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ecdsaWithSha256, bits(signature));
  const certificate = new X509Certificate(der);
  if (!certificate.checkPrivateKey(privateKey) || !certificate.verify(createPublicKey(privateKey))) {
    throw new Error('The new certificate does not verify under its own key.');
  }
  return { certificate: certificate.toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function certificateBody(hosts: readonly string[], validity: Validity, key: KeyObject): Buffer {
  const name = sequence(element(tag.set, sequence(commonName, element(tag.utf8, Buffer.from('Cordon')))));
  const version3 = element(0xa0, integer(Buffer.from([2])));
  return sequence(
    version3,
    integer(positive(randomBytes(16))),
    ecdsaWithSha256,
    name,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(sequence(subjectAlternativeName, element(tag.octets, sequence(...hosts.map(generalName)))))),
  );
}

function generalName(host: string): Buffer {
  const address = parseAddress(host);
  return address === undefined
    ? element(0x82, Buffer.from(host, 'ascii'))
    : element(0x87, Buffer.from(addressHex(address), 'hex'));
}

/** RFC 5280 4.1.2.5: two-digit years until 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d{3}/g, '');
  if (date.getUTCFullYear() < 2050) return element(tag.utcTime, Buffer.from(digits.slice(2)));
  return element(tag.generalizedTime, Buffer.from(digits));
}

function positive(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = ((copy[0] ?? 0) & 0x7f) | 0x40;
  return copy;
}

function integer(bytes: Buffer): Buffer {
  return element(tag.integer, bytes);
}

function bits(bytes: Buffer): Buffer {
  return element(tag.bits, Buffer.concat([Buffer.from([0]), bytes]));
}

function oid(hex: string): Buffer {
  return element(tag.oid, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(tag.sequence, Buffer.concat(parts));
}

function element(kind: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), lengthOf(content), content]);
}

function lengthOf(content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.from([content.length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(content.length);
  const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([0x80 | significant.length]), significant]);
}
