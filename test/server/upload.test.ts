/** Uploading files: streamed and hashed, never held whole; nothing is kept of an interrupted or altered upload. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { Site, dataOf, filePath, objectsPath } from './site.ts';
import { call, tokenFor } from './wire.ts';

function bodyOf(bytes: Buffer, change: object = {}): string {
  const content = bytes.toString('base64');
  return JSON.stringify({
    file_name: 'a.bin',
    file_content_base64_string: content,
    file_scan_action: 'Block',
    ...change,
  });
}

function headOf(body: string, token: string): string {
  const length = Buffer.byteLength(body);
  return `PUT ${filePath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`;
}

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open(kind);
  });
  afterAll(() => site.close());

  async function listed(bytes: Buffer): Promise<Record<string, unknown>[]> {
    const sha1 = createHash('sha1').update(bytes).digest('hex');
    return dataOf(await site.get(`${objectsPath}?type=file&contentFilter=${sha1}`));
  }

  /** A connection for requests written by hand. */
  async function raw(source: string): Promise<TLSSocket> {
    const { hostname: host, port } = new URL(site.server.url);
    const plain = connectTcp({ host, port: Number(port), localAddress: source });
    const socket = connectTls({ socket: plain, rejectUnauthorized: false });
    socket.on('error', () => undefined); // The test checks what the server does with the connection.
    await once(socket, 'secureConnect');
    return socket;
  }

  it('a file of some megabytes is listed by its SHA-1, and the audit has its size, name and SHA-256', async () => {
    const bytes = randomBytes(5_000_001);
    const answer = await site.call({ method: 'PUT', path: filePath, body: bodyOf(bytes, { note: 'five' }) });
    expect(answer.text).toBe('{"result_code":1,"result_description":"Operation successful","result_content":null}');
    const sha1 = createHash('sha1').update(bytes).digest('hex').toUpperCase();
    expect(await listed(bytes)).toEqual([
      { type: 'file', content: sha1, notes: 'five', scan_action: 'block', expiration_utc_date: null },
    ]);
    const { lines } = await site.console.audit.list({ limit: 1000 });
    const line = lines.find((one) => one.target === `file ${sha1}`);
    expect(line?.detail).toContain(createHash('sha256').update(bytes).digest('hex'));
    expect(line?.detail).toContain('a.bin');
    expect(line?.detail).toContain('5000001');
  });

  it('in chunks of unknown number is read the same', async () => {
    const bytes = randomBytes(300_000);
    const body = bodyOf(bytes);
    const request = { method: 'PUT', path: filePath };
    const socket = await raw(site.newSource());
    const token = tokenFor(site.keys, { ...request, body });
    socket.write(
      `PUT ${filePath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    );
    for (let at = 0; at < body.length; at += 70_001) {
      const piece = body.slice(at, at + 70_001);
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    }
    socket.write('0\r\n\r\n');
    const [head] = await once(socket.setEncoding('utf8'), 'data');
    socket.destroy();
    expect(head).toContain('HTTP/1.1 200 OK');
    expect(await listed(bytes)).toHaveLength(1);
  });

  it('uploaded again takes the new action and note, and stays one entry', async () => {
    const bytes = randomBytes(100);
    await site.call({ method: 'PUT', path: filePath, body: bodyOf(bytes, { note: 'first' }) });
    const again = bodyOf(bytes, { file_name: 'b.bin', file_scan_action: 'QUARANTINE', note: null });
    expect((await site.call({ method: 'PUT', path: filePath, body: again })).status).toBe(200);
    expect(await listed(bytes)).toMatchObject([{ notes: '', scan_action: 'quarantine' }]);
  });

  it('cut off in the middle leaves no entry, and one audit line that says so', async () => {
    const bytes = randomBytes(400_000);
    const body = bodyOf(bytes);
    const source = site.newSource();
    const socket = await raw(source);
    socket.write(headOf(body, tokenFor(site.keys, { method: 'PUT', path: filePath, body })));
    socket.end(body.slice(0, 300_000));
    await site.expectOneLine(
      source,
      'parameter-invalid',
      'The connection ended before the whole request body had arrived.',
    );
    expect(await listed(bytes)).toEqual([]);
  });

  it('changed on the way leaves no entry', async () => {
    const bytes = randomBytes(400_000);
    const body = bodyOf(bytes);
    const changed = body.replace('"Block"', '"Log" ');
    const answer = await site.call({ method: 'PUT', path: filePath, body: changed }, { body });
    expect(JSON.parse(answer.text)).toMatchObject({ result_code: -8, result_content: '' });
    expect(await listed(bytes)).toEqual([]);
  });

  it('of a stranger is refused before a byte of it is read: the announced 600 MB never have to come', async () => {
    const keys = { ...site.keys, apiKey: 'AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE' };
    const socket = await raw(site.newSource());
    const token = tokenFor(keys, { method: 'PUT', path: filePath });
    socket.write(
      `PUT ${filePath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 600000000\r\n\r\n{"file`,
    );
    const [head] = await once(socket.setEncoding('utf8'), 'data');
    expect(head).toContain('HTTP/1.1 401 Unauthorized');
    expect(head.toLowerCase()).toContain('connection: close');
    await once(socket, 'close');
    expect(socket.bytesWritten).toBeLessThan(2000);
  });

  it('marks its application as used', async () => {
    const made = await site.console.applications.add({ name: 'uploader' });
    const keys = { applicationId: made.application.id, apiKey: made.apiKey };
    const from = site.newSource();
    const body = bodyOf(randomBytes(10));
    expect((await call(site.server, keys, { method: 'PUT', path: filePath, body, from })).status).toBe(200);
    const shown = (await site.console.applications.list()).find((one) => one.id === keys.applicationId);
    expect(shown?.lastUsedFrom).toBe(from);
  });

  it('of many megabytes is never held whole', async () => {
    const memory = async (): Promise<number> => {
      const status = await readFile(`/proc/${site.server.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    };
    const before = await memory();
    const bytes = Buffer.alloc(150_000_000, 7);
    expect((await site.call({ method: 'PUT', path: filePath, body: bodyOf(bytes) })).status).toBe(200);
    expect((await memory()) - before).toBeLessThan(100);
    expect(await eventually('the file is listed', async () => (await listed(bytes))[0])).toBeDefined();
  });
});
