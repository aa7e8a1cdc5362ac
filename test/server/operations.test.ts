/** Operating the server: graceful stop, restart, health, metrics, and the description of the API. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { Site, agentsPath, contentOf, dataOf, filePath, objectsPath, serversPath } from './site.ts';
import { call, send, tokenFor } from './wire.ts';

/** Resolves once nothing listens on the server's port any more. */
function deaf(server: TestServer): Promise<unknown> {
  const { hostname: host, port } = new URL(server.url);
  return eventually('the port is closed', async () => {
    const socket = connectTcp({ host, port: Number(port) });
    try {
      await once(socket, 'connect');
      return undefined;
    } catch {
      return true; // Refused: nothing listens.
    } finally {
      socket.destroy();
    }
  });
}

describe.each(databaseKinds())('on $name', (kind) => {
  describe('a server that is stopped', () => {
    it('answers what it has begun, notifies its agents, ends with 0, and has everything when it starts again', async () => {
      const database = await kind.make();
      const site = await Site.open({ ...kind, make: async () => ({ ...database, remove: async () => {} }) });
      const { data, url } = site.server;
      const agent = await site.connected();
      await site.act('cmd_isolate_agent', { entity_id: agent.id });
      await agent.obey();

      const body = '{"file_name":"a","file_content_base64_string":"MTIzMTIz","file_scan_action":"LOG"}';
      const plain = connectTcp({ host: new URL(url).hostname, port: Number(new URL(url).port) });
      const socket = connectTls({ socket: plain, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const token = tokenFor(site.keys, { method: 'PUT', path: filePath, body });
      const head = `PUT ${filePath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 30)}`);
      // An answer to another request shows that this one has arrived.
      expect((await site.get(serversPath)).status).toBe(200);
      process.kill(site.server.pid, 'SIGTERM');
      expect(await agent.channel.next('refused')).toMatchObject({ reason: 'stopping' });
      await deaf(site.server);
      socket.write(body.slice(30));
      const [answer] = await once(socket.setEncoding('utf8'), 'data');
      expect(answer).toContain('HTTP/1.1 200 OK');
      expect(await site.server.ended).toBe(0);
      expect(await agent.channel.ended).toEqual({ code: 1001, word: 'stopping' });

      const again = await startServer({ data, database: database.address });
      const get = (path: string) => call(again, site.keys, { method: 'GET', path });
      expect(dataOf(await get(`${objectsPath}?type=file`))).toHaveLength(1);
      expect(contentOf(await get(agentsPath))).toMatchObject([
        { entity_id: agent.id, isolation_status: 'isolated', connection_status: 'Offline' },
      ]);
      expect(again.fingerprint).toBe(site.server.fingerprint);
      await again.stop();
      await site.close();
      await database.remove();
    });
  });

  it('locks an account after five wrong passwords, a little longer each time', async () => {
    const site = await Site.open(kind);
    const signIn = (password: string) =>
      send(site.server, {
        method: 'POST',
        path: '/api/v1/session',
        body: JSON.stringify({ user: 'admin', password }),
      });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const refused = await signIn('wrong');
      expect([refused.status, JSON.parse(refused.text).error.reason]).toEqual([401, 'sign-in-refused']);
    }
    // The first delay is a second, which a busy machine may need for one attempt; each next one is twice as long.
    let locked = await signIn('wrong');
    for (let attempt = 0; attempt < 6 && locked.status === 401; attempt += 1) locked = await signIn('wrong');
    const { reason, message } = JSON.parse(locked.text).error;
    expect([locked.status, reason]).toEqual([429, 'locked']);
    expect(message).toMatch(/^Too many failed attempts\. Try again in \d+ s\.$/);
    await site.close();
  });

  describe('a server that runs', () => {
    let site: Site;
    beforeAll(async () => {
      site = await Site.open(kind);
    });
    afterAll(() => site.close());

    it('says that it is well, and how many agents are connected', async () => {
      const before = JSON.parse((await send(site.server, { method: 'GET', path: '/healthz' })).text);
      expect(before).toMatchObject({ status: 'ok', agents: 0 });
      await site.connected();
      const after = JSON.parse((await send(site.server, { method: 'GET', path: '/healthz' })).text);
      expect(after).toMatchObject({ status: 'ok', agents: 1 });
    });

    it('counts for this machine alone', async () => {
      const agent = await site.connected();
      await site.act('cmd_isolate_agent', { entity_id: agent.id });
      await agent.obey();
      await send(site.server, { method: 'GET', path: agentsPath });
      const { status, text } = await send(site.server, { method: 'GET', path: '/metrics' });
      expect(status).toBe(200);
      expect(text).toContain('cordon_refusals_total{reason="token-missing"} 1');
      expect(text).toContain('cordon_isolation_seconds_count 1');
      expect(text).toMatch(/cordon_agents_connected [1-9]/);
      const other = await send(site.server, { method: 'GET', path: '/metrics', from: '127.0.0.2' });
      expect([other.status, JSON.parse(other.text)]).toEqual([
        403,
        {
          error: {
            reason: 'metrics-closed',
            message: 'Metrics are served to this machine only. Elsewhere, send CORDON_METRICS_TOKEN as a bearer token.',
          },
        },
      ]);
    });

    it('answers the console in its own form', async () => {
      const answer = await send(site.server, { method: 'GET', path: '/api/v1/applications' });
      expect([answer.status, JSON.parse(answer.text).error.reason]).toEqual([401, 'not-signed-in']);
      const nowhere = await send(site.server, { method: 'GET', path: '/nowhere' });
      expect([nowhere.status, JSON.parse(nowhere.text)]).toEqual([
        404,
        { error: { reason: 'route-unknown', message: 'Nothing is served at GET /nowhere.' } },
      ]);
    });

    it('signs a person out permanently', async () => {
      const made = await site.console.applications.add({ name: 'seen by a session' });
      const other = await site.server.console();
      expect((await other.applications.list()).map((one) => one.id)).toContain(made.application.id);
      await other.signOut();
      await expect(other.applications.list()).rejects.toThrow('Nobody is signed in');
    });

    it('describes its routes as OpenAPI 3.1', async () => {
      const { status, text } = await send(site.server, { method: 'GET', path: '/openapi.json' });
      expect(status).toBe(200);
      const document = JSON.parse(text);
      expect(document.openapi).toMatch(/^3\.1\.\d$/);
      expect(document.info).toMatchObject({ title: 'Cordon', version: expect.any(String) });
      const methods: Record<string, string[]> = Object.fromEntries(
        Object.entries(document.paths).map(([path, item]) => [path, Object.keys(Object(item)).sort()]),
      );
      expect(methods).toMatchObject({
        [agentsPath]: ['get', 'post'],
        [serversPath]: ['get'],
        [objectsPath]: ['delete', 'get', 'put'],
        [filePath]: ['put'],
        '/agent/v1/enrol': ['post'],
        '/api/v1/session': ['delete', 'get', 'post'],
        '/api/v1/applications/{id}': ['delete', 'patch'],
      });
      for (const item of Object.values(document.paths)) {
        for (const operation of Object.values(Object(item))) {
          const { summary, tags, responses } = Object(operation);
          expect(summary).toEqual(expect.any(String));
          expect(tags).toEqual([expect.any(String)]);
          expect(Object.keys(responses).length).toBeGreaterThan(0);
        }
      }
      const upload = document.paths[filePath].put.requestBody.content['application/json'].schema;
      expect(Object.keys(upload.properties)).toEqual([
        'file_name',
        'file_content_base64_string',
        'file_scan_action',
        'note',
      ]);
    });
  });
});

describe('a stranger whose upgrade was refused', () => {
  it('is cut off, and holds no stop by staying', async () => {
    const server = await startServer();
    const { hostname: host, port } = new URL(server.url);
    const strangers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = connectTls({ socket: connectTcp({ host, port: Number(port) }), rejectUnauthorized: false });
        socket.on('error', () => undefined); // Expected to be cut off.
        await once(socket, 'secureConnect');
        // Never read from again: the stranger does not even notice that the server has closed its side.
        socket.pause();
        socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        return socket;
      }),
    );
    // An answered request on another connection shows that theirs have been answered, too.
    await send(server, { method: 'GET', path: '/healthz' });
    await server.stop();
    expect(await server.ended).toBe(0);
    for (const socket of strangers) socket.destroy();
  });
});

describe('a server with a token for its metrics', () => {
  it('shows them to anybody who has it, from anywhere', async () => {
    const server = await startServer({ environment: { CORDON_METRICS_TOKEN: 'let-me-in' } });
    const get = (headers: Record<string, string>) =>
      send(server, { method: 'GET', path: '/metrics', headers, from: '127.0.0.2' });
    expect((await get({ Authorization: 'Bearer let-me-in' })).status).toBe(200);
    expect((await get({ Authorization: 'Bearer let-me-out' })).status).toBe(403);
    expect((await get({})).status).toBe(403);
    await server.stop();
    expect(await server.ended).toBe(0);
  });
});
