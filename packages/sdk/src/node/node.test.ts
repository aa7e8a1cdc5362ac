/** The additions for Node: trust in one certificate or authority, and streamed files. */
import { once } from 'node:events';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../../test/cli/certificates.ts';
import { refused, startStub } from '../../../../test/cli/stub-server.ts';
import type { Stub } from '../../../../test/cli/stub-server.ts';
import { Client } from '../automation/client.ts';
import type { Transport } from '../transport/transport.ts';
import { failureThrough } from '../transport/network-failures.ts';
import { caTransport, fileAt, parseFingerprint, peerCertificate, pinnedTransport, systemTransport } from './index.ts';
import type { FileProgress } from './index.ts';

let stub: Stub;
let folder: string;
beforeEach(async () => {
  stub = await startStub();
  folder = await mkdtemp(join(tmpdir(), 'cordon-sdk-'));
});
afterEach(async () => {
  await stub.close();
  await rm(folder, { recursive: true });
});

function client(transport: Transport, url = stub.url): Client {
  const { applicationId, apiKey } = stub;
  return new Client({ url, applicationId, apiKey, transport });
}

describe('a pinned transport', () => {
  it('trusts the certificate with that fingerprint, however it is written', async () => {
    const colons = stub.fingerprint.toUpperCase().replaceAll(/(..)(?!$)/g, '$1:');
    expect(await client(pinnedTransport({ fingerprint: colons })).agents.list()).toHaveLength(3);
  });

  it('sends nothing to a server with another certificate, and names both', async () => {
    const other = selfSigned(Date.now()).fingerprint;
    await expect(client(pinnedTransport({ fingerprint: other })).agents.list()).rejects.toMatchObject({
      kind: 'network',
      code: 'FINGERPRINT_MISMATCH',
      message:
        `${new URL(stub.url).host} shows another certificate than the pinned one: ` +
        `${stub.fingerprint} instead of ${other}.`,
    });
    expect(stub.seen).toEqual([]);
  });

  it('keeps its connection and uses it again', async () => {
    const agents = client(pinnedTransport(stub)).agents;
    for (let time = 0; time < 4; time += 1) await agents.list();
    expect(stub.connections).toBe(1);
  });

  it('opens a new connection when the kept one is gone', async () => {
    const agents = client(pinnedTransport(stub)).agents;
    await agents.list();
    stub.dropConnections();
    expect(await agents.list()).toHaveLength(3);
  });

  it('says so when there is no TLS at the other end', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const url = `https://127.0.0.1:${portOf(plain.address())}`;
    const listing = client(pinnedTransport(stub), url).agents.list();
    await expect(listing).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining('does not speak TLS'),
    });
    plain.close();
  });

  it.each(['', 'abc', `${'0'.repeat(63)}g`, '0'.repeat(66)])('is not made from %j', (fingerprint) => {
    expect(() => pinnedTransport({ fingerprint })).toThrow('This is not the SHA-256 fingerprint of a certificate.');
  });
});

function portOf(address: string | AddressInfo | null): number {
  return address === null || typeof address === 'string' ? 0 : address.port;
}

describe('other transports', () => {
  it('trust what the given authority signed', async () => {
    expect(await client(caTransport({ ca: stub.certificate })).agents.list()).toHaveLength(3);
  });

  it('do not trust a stranger, and advise to pin', async () => {
    const listing = client(systemTransport()).agents.list();
    await expect(listing).rejects.toMatchObject({ kind: 'network', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await expect(listing).rejects.toMatchObject({ hint: expect.stringMatching(/^Pin the server's certificate/) });
  });

  it('end with the signal of the caller', async () => {
    const controller = new AbortController();
    const listing = client(systemTransport()).agents.list({}, { signal: controller.signal });
    controller.abort();
    await expect(listing).rejects.toMatchObject({ kind: 'aborted' });
  });
});

describe('the certificate of a stranger', () => {
  it('is shown for a person to compare, and nothing is sent', async () => {
    const certificate = await peerCertificate(stub.url);
    expect(certificate.fingerprint).toBe(stub.fingerprint);
    expect(parseFingerprint(`SHA256:${certificate.fingerprint.toUpperCase()}`)).toBe(stub.fingerprint);
    expect(certificate.names).toContain('localhost');
    expect(stub.seen).toEqual([]);
  });
});

describe('a file on disk', () => {
  it.each([0, 1, 2, 3, 196_607, 196_608, 196_609, 1_000_000])('of %d bytes arrives as it is', async (size) => {
    const content = randomBytes(size);
    const path = join(folder, 'sämple.bin');
    await writeFile(path, content);
    const file = await fileAt(path);
    const added = await client(pinnedTransport(stub)).objects.addFile({
      name: file.name,
      content: file,
      action: 'block',
    });
    const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();
    expect(added.sha1).toBe(sha1);
    expect(stub.objects.at(-1)).toMatchObject({ type: 'file', content: sha1, scan_action: 'block', notes: '' });
    expect(stub.seen[0]?.body).toMatch(/^\{"file_name":"sämple.bin","file_content_base64_string":"/);
  });

  it('reports its progress through both passes', async () => {
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(500_000));
    const reported: FileProgress[] = [];
    const content = await fileAt(path, { onProgress: (progress) => reported.push(progress) });
    await client(pinnedTransport(stub)).objects.addFile({ name: 'file', content, action: 'log' });
    expect(reported.map(({ pass, done }) => `${pass} ${done}`)).toEqual([
      'hash 196608',
      'hash 393216',
      'hash 500000',
      'send 196608',
      'send 393216',
      'send 500000',
    ]);
  });

  it.each(['hash', 'send'] as const)('is read no further once the signal of the call says so: %s', async (pass) => {
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(3_000_000));
    const stop = new AbortController();
    const reported: FileProgress[] = [];
    const content = await fileAt(path, {
      onProgress: (progress) => {
        if (progress.pass === pass && reported.push(progress) === 2) stop.abort();
      },
    });
    const { objects } = client(pinnedTransport(stub));
    const adding = objects.addFile({ name: 'file', content, action: 'log' }, { signal: stop.signal });
    await expect(adding).rejects.toMatchObject({ kind: 'aborted' });
    expect(reported).toHaveLength(2);
    expect(stub.objects).toHaveLength(2);
  });

  it('that changes between the passes is refused, and nothing of it is added', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'first');
    const content = await fileAt(path, {
      onProgress: ({ pass }) => void (pass === 'hash' && appendFile(path, '!')),
    });
    const adding = client(pinnedTransport(stub)).objects.addFile({ name: 'file', content, action: 'log' });
    await expect(adding).rejects.toMatchObject({
      kind: 'failed',
      message: `${path} changed while it was being uploaded.`,
    });
    expect(stub.objects).toHaveLength(2);
  });

  it('is not needed whole when the server answers early', async () => {
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(3_000_000));
    stub.refuseEarly = refused(413, -21, 'Too large.');
    const content = await fileAt(path);
    const adding = client(pinnedTransport(stub)).objects.addFile({ name: 'file', content, action: 'log' });
    await expect(adding).rejects.toMatchObject({
      kind: 'refused',
      httpStatus: 413,
      message: 'The server refused: Too large.',
    });
  });

  it.each([
    ['missing', 'there is no such file'],
    ['', 'is not a regular file'],
  ])('that is %j says what is wrong', async (name, message) => {
    await expect(fileAt(join(folder, name))).rejects.toThrow(message);
  });
});

describe('a proxy', () => {
  it('carries what it cannot read, and the certificate is verified inside', async () => {
    await withProxy(async (host, asked) => {
      const proxy = `http://me:secret@${host}`;
      const other = selfSigned(Date.now()).fingerprint;
      expect(await client(pinnedTransport({ fingerprint: stub.fingerprint, proxy })).agents.list()).toHaveLength(3);
      expect(await client(caTransport({ ca: stub.certificate, proxy })).agents.list()).toHaveLength(3);
      await expect(client(pinnedTransport({ fingerprint: other, proxy })).agents.list()).rejects.toMatchObject({
        code: 'FINGERPRINT_MISMATCH',
      });
      await expect(client(systemTransport({ proxy })).agents.list()).rejects.toMatchObject({ kind: 'network' });
      expect(new Set(asked)).toEqual(new Set([new URL(stub.url).host]));
      expect(stub.seen).toHaveLength(2);
    });
  });

  it('that wants a password says so', async () => {
    await withProxy(async (host) => {
      const transport = pinnedTransport({ fingerprint: stub.fingerprint, proxy: `http://${host}` });
      await expect(client(transport).agents.list()).rejects.toMatchObject({
        kind: 'protocol',
        httpStatus: 407,
        hint: 'The proxy wants a user name and password: http://user:password@proxy.example:3128.',
      });
      expect(stub.seen).toEqual([]);
    });
  });

  it.each([
    ['ECONNREFUSED', 'Nothing listens at the proxy p:1. Connections to h:2 go through that proxy.'],
    ['ENOTFOUND', 'The name of the proxy p:1 cannot be resolved. Connections to h:2 go through that proxy.'],
    ['ETIMEDOUT', 'The proxy p:1 does not answer. Connections to h:2 go through that proxy.'],
  ])('that is not reached is named: %s', (code, message) => {
    const failure = failureThrough('p:1', 'h:2', Object.assign(new Error('raw'), { code }));
    expect(failure).toMatchObject({ kind: 'network', code, message, proxy: 'p:1' });
  });

  it('that is not there is reported as the proxy, not as the server', async () => {
    const transport = pinnedTransport({ fingerprint: stub.fingerprint, proxy: 'http://127.0.0.1:1' });
    await expect(client(transport).agents.list()).rejects.toMatchObject({ proxy: '127.0.0.1:1', code: 'ECONNREFUSED' });
  });

  it('that is no URL is refused without repeating it', () => {
    expect(() => systemTransport({ proxy: 'secret@proxy' })).toThrow('The proxy is not a URL.');
  });
});

/** A proxy that records requests, and accepts clients with the password. */
async function withProxy(act: (proxy: string, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    const password = Buffer.from('me:secret').toString('base64');
    if (request.headers['proxy-authorization'] !== `Basic ${password}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url ?? ''}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has one
  const { port } = proxy.address() as AddressInfo;
  try {
    await act(`127.0.0.1:${port}`, asked);
  } finally {
    stub.dropConnections();
    proxy.closeAllConnections();
    proxy.close();
  }
}
