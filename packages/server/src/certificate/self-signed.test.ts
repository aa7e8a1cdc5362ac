/** The self-signed certificate, as Node's own TLS reads it. */
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, connect, createServer } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { makeSelfSigned } from './self-signed.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2051-02-03T04:05:06Z') };
const hosts = ['localhost', 'cordon.example', '127.0.0.1', '203.0.113.7', '::1', '2001:db8::7', '::ffff:192.0.2.1'];

/** What a client that trusts only this certificate sees when it connects. */
async function detectedBy(made: { certificate: string; key: string }): Promise<PeerCertificate> {
  const server = createServer({ cert: made.certificate, key: made.key });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listener on TCP has an address with a port
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ca: made.certificate });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  server.close();
  return certificate;
}

describe('a self-signed certificate', () => {
  const made = makeSelfSigned(hosts, validity, privateKey);

  it('is verified by a client that trusts it, which connects by address', async () => {
    const certificate = await detectedBy(made);
    expect(certificate.subject.CN).toBe('Cordon');
  });

  it('holds for each of its names and addresses, in any spelling, and for no other', async () => {
    const certificate = await detectedBy(made);
    for (const host of hosts) expect(checkServerIdentity(host, certificate)).toBeUndefined();
    expect(checkServerIdentity('2001:db8:0:0:0:0:0:7', certificate)).toBeUndefined();
    for (const host of ['other.example', '203.0.113.8', '2001:db8::8']) {
      expect(checkServerIdentity(host, certificate)).toBeInstanceOf(Error);
    }
  });

  it('says from when to when it is good, beyond 2049 too', () => {
    const certificate = new X509Certificate(made.certificate);
    expect(new Date(certificate.validFrom)).toEqual(validity.notBefore);
    expect(new Date(certificate.validTo)).toEqual(validity.notAfter);
  });

  it('has a serial number of its own that is positive', () => {
    const serials = Array.from(
      { length: 20 },
      () => new X509Certificate(makeSelfSigned(hosts, validity, privateKey).certificate),
    );
    expect(new Set(serials.map((one) => one.serialNumber)).size).toBe(20);
    for (const one of serials) expect(one.serialNumber).toMatch(/^[4-7]/);
  });

  it('signs nothing but itself: it is no authority', () => {
    expect(new X509Certificate(made.certificate).ca).toBe(false);
  });
});
