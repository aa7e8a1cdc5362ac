/** The transport over `fetch`, which browsers use: the same bytes, the same answers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchTransport } from './transport.ts';

let server: Server;
let url: string;
beforeEach(async () => {
  server = createServer((request, response) => {
    response.setHeader('X-Seen', `${request.method} ${request.url} ${request.headers['content-type']}`);
    request.pipe(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/a?b=%27c%20d%27`;
});
afterEach(() => {
  server.close();
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('{"a":');
  yield new TextEncoder().encode('1}');
}

describe('the transport over fetch', () => {
  const headers = { 'Content-Type': 'application/json;charset=utf-8' };

  it.each([
    ['held', () => new TextEncoder().encode('{"a":1}')],
    ['streamed', pieces],
  ])('sends a %s body byte for byte, and the URL as it was signed', async (_name, chunks) => {
    const answer = await fetchTransport({ method: 'PUT', url, headers, body: { length: 7, chunks } });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"a":1}');
    expect(answer.header('x-seen')).toBe('PUT /a?b=%27c%20d%27 application/json;charset=utf-8');
    expect(answer.header('x-absent')).toBeUndefined();
  });

  it('distinguishes an ended call from an absent server', async () => {
    const signal = AbortSignal.abort();
    await expect(fetchTransport({ method: 'GET', url, headers, signal })).rejects.toMatchObject({ kind: 'aborted' });
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await expect(fetchTransport({ method: 'GET', url, headers })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
