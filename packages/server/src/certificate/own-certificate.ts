/** The self-made certificate: in the data directory, for the names of this node and the key of this database. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { readIfThere, writePrivately } from '../secrets/private-file.ts';
import { certificateFrom, publicKeyPinIn } from '../secrets/certificate.ts';
import type { Certificate, CertificateFiles } from '../secrets/certificate.ts';
import { makeSelfSigned } from './self-signed.ts';

/** Commands and browsers pin it by fingerprint and must be given each new one; ten years keep that rare. */
const years = 10;
const ownName = 'CN=Cordon';

export function ownFiles(directory: string): CertificateFiles {
  return { certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
}

/** The key on disk, PEM; undefined when there is none yet. */
export async function keyOnDisk(directory: string): Promise<string | undefined> {
  return readIfThere(ownFiles(directory).key);
}

/**
 * The certificate on disk, or a new one when that is for another key, lacks one of `hosts`, or has expired. One that we
 * have not made is an operator's, who put it in the place of ours: it is used as it is.
 */
export async function ownCertificate(
  directory: string,
  hosts: readonly string[],
  { key, now }: { readonly key: string; readonly now: number },
): Promise<Certificate> {
  const files = ownFiles(directory);
  const [certificate, kept] = [await readIfThere(files.certificate), await readIfThere(files.key)];
  if (certificate !== undefined && kept !== undefined && !isOurs(new X509Certificate(certificate)))
    return certificateFrom(certificate, kept);
  const usable =
    certificate !== undefined &&
    kept !== undefined &&
    publicKeyPinIn(kept) === publicKeyPinIn(key) &&
    publicKeyPinIn(certificate) === publicKeyPinIn(key) &&
    isFor(new X509Certificate(certificate), hosts, now);
  return usable ? certificateFrom(certificate, kept) : renewOwn(directory, hosts, { key, now });
}

/** A new certificate for the same or another key, written over the one on disk. */
export async function renewOwn(
  directory: string,
  hosts: readonly string[],
  { key, now }: { readonly key: string; readonly now: number },
): Promise<Certificate> {
  const files = ownFiles(directory);
  const at = new Date(now);
  const validity = {
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(at.getFullYear() + years, at.getMonth(), 1),
  };
  const made = makeSelfSigned(hosts, validity, createPrivateKey(key));
  // The key first: a certificate without its key would look complete.
  await writePrivately(files.key, made.key);
  await writePrivately(files.certificate, made.certificate);
  return certificateFrom(made.certificate, made.key);
}

function isFor(certificate: X509Certificate, hosts: readonly string[], now: number): boolean {
  const names = hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)));
  return names && certificate.validToDate.getTime() > now;
}

function isOurs({ issuer, subject }: X509Certificate): boolean {
  return issuer === ownName && subject === ownName;
}
