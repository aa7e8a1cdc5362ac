/** Makes the certificates of the tests with the server's own code: self-signed, P-256, for loopback. */
import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto';
import { makeSelfSigned } from '../../packages/server/src/certificate/self-signed.ts';

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
}

export function selfSigned(now: number): TestCertificate {
  const validity = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) };
  const { certificate, key } = makeSelfSigned(
    ['localhost', '127.0.0.1'],
    validity,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  );
  const fingerprint = createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
  return { certificate, key, fingerprint };
}
