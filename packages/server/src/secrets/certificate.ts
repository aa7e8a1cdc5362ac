/** A certificate with its key, and the names by which clients and agents pin it. */
import { X509Certificate, createHash, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { publicKeyPinOf } from '@cordon/protocol/channel';

export interface Certificate {
  /** PEM; the whole chain where the operator gave one. */
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the leaf in DER, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the leaf's public key, base64: it stays when the key is certified again. */
  readonly publicKeyPin: string;
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** SHA-256 of the first certificate in `pem`, lower-case hex. */
export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}

/** Reads both files, and checks that they belong together. */
export async function loadCertificate(files: CertificateFiles): Promise<Certificate> {
  const [certificate, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]);
  return certificateFrom(certificate, key);
}

/** Throws when the key is another certificate's. */
export function certificateFrom(certificate: string, key: string): Certificate {
  createSecureContext({ cert: certificate, key });
  const { publicKey } = new X509Certificate(certificate);
  return { certificate, key, fingerprint: fingerprintOf(certificate), publicKeyPin: publicKeyPinOf(publicKey) };
}

/** The pin of the key in a certificate, or of a public or private key: PEM each. */
export function publicKeyPinIn(pem: string): string {
  const key = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
  return publicKeyPinOf(key);
}
