/** The server's certificate: the operator's own, or a generated one that clients pin. */
import { X509Certificate, createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from './private-file.ts';
import { makeSelfSigned } from './self-signed.ts';

export interface Certificate {
  /** PEM; the whole chain where the operator gave one. */
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the leaf in DER, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the leaf's public key (SubjectPublicKeyInfo), base64: it stays when the key is certified again. */
  readonly publicKeyPin: string;
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Clients pin it by fingerprint, so a renewal means manual work on each of them; ten years keep that rare. */
const years = 10;

/** Reads the operator's files, or else those in `directory`, which are generated for `hosts` when missing. */
export async function serverCertificate(
  directory: string,
  hosts: readonly string[],
  own: CertificateFiles | undefined,
): Promise<Certificate> {
  if (own !== undefined) return load(own);
  const files = { certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
  try {
    return await load(files);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await make(files, hosts);
  return load(files);
}

/** SHA-256 of the first certificate in `pem`, lower-case hex. */
export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}

function publicKeyPinOf(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

async function load(files: CertificateFiles): Promise<Certificate> {
  const [certificate, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]);
  return { certificate, key, fingerprint: fingerprintOf(certificate), publicKeyPin: publicKeyPinOf(certificate) };
}

async function make(files: CertificateFiles, hosts: readonly string[]): Promise<void> {
  const now = new Date();
  const made = makeSelfSigned(hosts, {
    notBefore: new Date(now.getTime() - 3_600_000),
    notAfter: new Date(now.getFullYear() + years, now.getMonth(), 1),
  });
  // The key first: a certificate without its key would look complete.
  await writePrivately(files.key, made.key);
  await writePrivately(files.certificate, made.certificate);
}
