/** The console's sessions as browsers use them: cookies, foreign pages, headers, and an address of its own. */
import { generateKeyPairSync } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permitted } from '../../packages/server/src/sign-in/permitted.ts';
import { to } from '../../packages/server/src/access/request-access.ts';
import { makeAccountModule } from '../../packages/server/src/sign-in/account-module.ts';
import { productionPasswordCost } from '../../packages/server/src/accounts/passwords.ts';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import { makeHttp } from '../../packages/server/src/http/server.ts';
import { ownCertificate, ownFiles } from '../../packages/server/src/certificate/own-certificate.ts';
import { ServerCertificate } from '../../packages/server/src/secrets/server-certificate.ts';
import { Sealer } from '../../packages/server/src/secrets/sealing.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { Caller, administrator, cookieOf, fromPage, person, reasonOf, signedIn, chosenPassword } from './callers.ts';
import { send } from './wire.ts';
import type { Answer } from './wire.ts';

const session = '/api/v1/session';

describe('a browser', () => {
  let server: TestServer;
  let admin: { user: string; password: string };
  beforeAll(async () => {
    server = await startServer();
    ({ admin } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8')));
  });
  afterAll(() => server.stop());

  function signIn(headers: Readonly<Record<string, string>> = {}, who: object = admin): Promise<Answer> {
    const body = JSON.stringify(who);
    return send(server, { method: 'POST', path: session, headers: { ...fromPage(server), ...headers }, body });
  }

  async function cookie(): Promise<string> {
    return cookieOf(await signIn()) ?? '';
  }

  function change(
    headers: Readonly<Record<string, string>>,
    body: string | undefined = '{"name":"x"}',
  ): Promise<Answer> {
    return send(server, { method: 'POST', path: '/api/v1/applications', headers, body });
  }

  it('is given a cookie that no script can read, and no token', async () => {
    const answer = await signIn();
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-cordon=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
    ]);
    const [, token = ''] = (cookieOf(answer) ?? '').split('=');
    expect(answer.text).not.toContain(token);
    expect(JSON.parse(answer.text)).toEqual({
      user: 'admin',
      role: 'Administrator',
      scope: [],
      totp: false,
      mustChangePassword: false,
      mustSetUpTotp: false,
      expiresAt: expect.any(Number),
      idleSeconds: 1800,
    });
  });

  it('works by its cookie, lists its sessions, and is void after it signs out', async () => {
    const held = await cookie();
    const own = { ...fromPage(server), Cookie: `other=1; ${held}` };
    const who = await send(server, { method: 'GET', path: session, headers: own });
    expect(JSON.parse(who.text)).toMatchObject({ user: 'admin' });
    expect((await change(own)).status).toBe(201);
    const { sessions } = JSON.parse(
      (await send(server, { method: 'GET', path: '/api/v1/sessions', headers: own })).text,
    );
    expect(sessions.filter((one: { current: boolean }) => one.current)).toMatchObject([
      { kind: 'browser', from: '127.0.0.1' },
    ]);
    const out = await send(server, { method: 'DELETE', path: session, headers: own });
    expect([out.status, out.headers['set-cookie']]).toEqual([
      204,
      [expect.stringMatching(/^__Host-cordon=; .*Max-Age=0$/)],
    ]);
    expect((await send(server, { method: 'GET', path: session, headers: own })).status).toBe(401);
  });

  it('cannot have its session chosen for it, nor keep one that it had before', async () => {
    const planted = `__Host-cordon=${'A'.repeat(43)}`;
    const first = await signIn({ Cookie: planted });
    expect(cookieOf(first)).not.toBe(planted);
    const held = cookieOf(first) ?? '';
    const second = await signIn({ Cookie: held });
    expect(cookieOf(second)).not.toBe(held);
    const before = await send(server, { method: 'GET', path: session, headers: { ...fromPage(server), Cookie: held } });
    expect(before.status).toBe(401);
    // Two cookies of that name: one was planted, and the server cannot know which.
    const both = { ...fromPage(server), Cookie: `${planted}; ${cookieOf(second) ?? ''}` };
    expect((await send(server, { method: 'GET', path: session, headers: both })).status).toBe(401);
  });

  it('has another token once its password is another, and the old one is void', async () => {
    const root = await administrator(server);
    const own = await person(server, root, { user: 'changing', role: 'Operator' });
    const answer = await signIn({}, { user: 'changing', password: chosenPassword });
    const held = { ...fromPage(server), Cookie: cookieOf(answer) ?? '' };
    const body = JSON.stringify({ current: chosenPassword, password: 'another horse battery' });
    const changed = await send(server, { method: 'POST', path: '/api/v1/password', headers: held, body });
    expect([changed.status, JSON.parse(changed.text).token]).toEqual([200, undefined]);
    const fresh = { ...fromPage(server), Cookie: cookieOf(changed) ?? '' };
    expect(fresh.Cookie).not.toBe(held.Cookie);
    expect((await send(server, { method: 'GET', path: session, headers: held })).status).toBe(401);
    expect((await own.call('GET', session)).status).toBe(401);
    expect((await send(server, { method: 'GET', path: session, headers: fresh })).status).toBe(200);
  });

  it('cannot use its cookie as a header, nor a program its token as a cookie', async () => {
    const [, token = ''] = (await cookie()).split('=');
    expect((await new Caller(server, token).call('GET', session)).status).toBe(401);
    const program = await signedIn(server, admin);
    const headers = { ...fromPage(server), Cookie: `__Host-cordon=${program.token}` };
    expect((await send(server, { method: 'GET', path: session, headers })).status).toBe(401);
  });

  describe('on a foreign page', () => {
    let held: string;
    beforeAll(async () => {
      held = await cookie();
    });

    it.each([
      ['a form, which cannot set the header', { Origin: 'https://evil.example', 'Content-Type': 'text/plain' }],
      ['a form of a browser that sends no Origin', { 'Content-Type': 'application/x-www-form-urlencoded' }],
      ['a script of another origin', { Origin: 'https://evil.example', 'X-Cordon-Console': '1' }],
      ['a sandboxed frame', { Origin: 'null', 'X-Cordon-Console': '1' }],
      ['a page of the same site', { 'Sec-Fetch-Site': 'same-site', 'X-Cordon-Console': '1' }],
      ['a page of another port', { Origin: 'https://127.0.0.1:1', 'X-Cordon-Console': '1' }],
      ['a page that was not encrypted', { Origin: 'http://127.0.0.1', 'X-Cordon-Console': '1' }],
      ['nobody who says where it comes from', { 'X-Cordon-Console': '1' }],
    ])('changes nothing by %s', async (_what, headers) => {
      const host = new URL(server.url).host;
      const answer = await change({ Host: host, Cookie: held, 'Content-Type': 'application/json', ...headers });
      expect([answer.status, reasonOf(answer)]).toEqual([403, 'foreign-page']);
    });

    it('changes nothing from our own page either, unless the header stands by', async () => {
      const { 'X-Cordon-Console': _header, ...own } = fromPage(server);
      expect(reasonOf(await change({ ...own, Cookie: held }))).toBe('foreign-page');
      expect((await change({ ...fromPage(server), Cookie: held })).status).toBe(201);
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
      'sends %s in vain',
      async (type) => {
        const answer = await change({ ...fromPage(server), Cookie: held, 'Content-Type': type });
        expect([answer.status, reasonOf(answer)]).toEqual([415, 'not-json']);
      },
    );

    it('reads nothing, and signs nobody in', async () => {
      const foreign = fromPage(server, 'https://evil.example');
      const read = await send(server, { method: 'GET', path: session, headers: { ...foreign, Cookie: held } });
      expect([read.status, reasonOf(read)]).toEqual([403, 'foreign-page']);
      const entered = await signIn(foreign);
      expect([entered.status, cookieOf(entered)]).toEqual([403, undefined]);
      const { 'X-Cordon-Console': _header, ...form } = foreign;
      const posted = await send(server, { method: 'POST', path: session, headers: form, body: JSON.stringify(admin) });
      expect(posted.status).toBe(403);
      expect(read.headers['access-control-allow-origin']).toBeUndefined();
    });

    it('asks in vain whether it may (CORS)', async () => {
      const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };
      const answer = await send(server, { method: 'OPTIONS', path: session, headers });
      expect(answer.status).toBe(404);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });
  });

  it('gets headers with every page and answer that forbid foreign scripts, frames and caching', async () => {
    const paths = [
      '/',
      '/console',
      '/console/agents',
      '/openapi.json',
      session,
      '/api/v1/nowhere',
      '/nowhere',
      '/%',
      '//evil.example/x',
      '/healthz',
    ];
    for (const path of paths) {
      const { headers } = await send(server, { method: 'GET', path });
      expect([path, headers]).toMatchObject([
        path,
        {
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
            "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
          'x-frame-options': 'DENY',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'permissions-policy': expect.stringContaining('camera=()'),
          'cache-control': expect.stringMatching(path.startsWith('/api') ? /^no-store$/ : /^no-(store|cache)$/),
        },
      ]);
    }
  });

  it('is sent nowhere else, whatever the address says', async () => {
    const held = await cookie();
    const paths = [
      '//evil.example',
      '//evil.example/%2f..',
      '/\\evil.example',
      '/?next=https://evil.example',
      '/console?redirect=//evil.example',
      `${session}?return=https://evil.example`,
      '/https://evil.example',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const answer = await send(server, { method, path, headers: { ...fromPage(server), Cookie: held } });
        expect([path, answer.status >= 300 && answer.status < 400, answer.headers.location]).toEqual([
          path,
          false,
          undefined,
        ]);
      }
    }
  });
});

describe('one person', () => {
  it('takes the live stream from nobody else, however many windows they open', { timeout: 180_000 }, async () => {
    const server = await startServer();
    const admin = await administrator(server);
    const eve = await person(server, admin, { user: 'eve', role: 'Viewer' });
    const { hostname, port } = new URL(server.url);
    const open: ClientRequest[] = [];
    const look = (who: Caller): Promise<number> =>
      new Promise((resolve, reject) => {
        const { headers } = who;
        const options = { host: hostname, port, path: '/api/v1/events', headers, agent: false };
        const asked = request({ ...options, rejectUnauthorized: false }, (answer) => resolve(answer.statusCode ?? 0));
        asked.on('error', reject);
        open.push(asked);
        asked.end();
      });
    const looks: number[] = [];
    for (let windows = 0; windows < 31; windows += 1) looks.push(await look(eve));
    expect(looks).toEqual([...Array.from({ length: 30 }, () => 200), 503]);
    expect(await look(admin)).toBe(200);
    for (const one of open)
      one
        .removeAllListeners('error')
        .on('error', () => undefined)
        .destroy();
    await server.stop();
  });

  it('does not bring a deleted application back to life with the draft that it came from', async () => {
    const server = await startServer();
    const admin = await administrator(server);
    const { draft, id } = await admin.ask('POST', '/api/v1/applications/draft');
    const desired = { name: 'playbook', draft };
    await admin.ask('POST', '/api/v1/applications', desired);
    await admin.ask('DELETE', `/api/v1/applications/${String(id)}`);
    const again = await admin.call('POST', '/api/v1/applications', desired);
    expect([again.status, reasonOf(again)]).toEqual([400, 'draft-stale']);
    await server.stop();
  });
});

describe('a session that is not complete', () => {
  let server: TestServer;
  let root: Caller;
  beforeAll(async () => {
    server = await startServer();
    root = await administrator(server);
  });
  afterAll(() => server.stop());

  it('with a password that an Administrator made is good for another password only', async () => {
    const { password } = await root.ask('POST', '/api/v1/accounts', { user: 'new', role: 'Operator' });
    const caller = await signedIn(server, { user: 'new', password: String(password) });
    expect(reasonOf(await caller.call('GET', '/api/v1/commands'))).toBe('password-change-due');
    expect((await caller.ask('GET', session))['mustChangePassword']).toBe(true);
    const own = await caller.ask('POST', '/api/v1/password', { current: password, password: chosenPassword });
    expect((await new Caller(server, String(own['token'])).call('GET', '/api/v1/commands')).status).toBe(200);
  });

  it('of a role that must have a second factor is good for setting it up only', async () => {
    const caller = await person(server, root, { user: 'auditor', role: 'Viewer' });
    await root.ask('PUT', '/api/v1/account-settings', { requireTotp: ['Viewer'] });
    expect(reasonOf(await caller.call('GET', '/api/v1/commands'))).toBe('totp-due');
    const begun = await caller.ask('POST', '/api/v1/totp', { password: chosenPassword });
    expect(begun['uri']).toMatch(/^otpauth:\/\/totp\/Cordon%3Aauditor\?/);
    await root.ask('PUT', '/api/v1/account-settings', { requireTotp: [] });
    expect((await caller.call('GET', '/api/v1/commands')).status).toBe(200);
  });
});

async function status(at: TestServer, path: string): Promise<number> {
  return (await send(at, { method: 'GET', path })).status;
}

describe('a console with an address of its own', () => {
  it('serves pages and the console API there and nowhere else, and the Automation API not at all', async () => {
    const server = await startServer({ environment: { CORDON_CONSOLE_LISTEN: '127.0.0.1:0' } });
    const { url } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8'));
    expect(url).not.toBe(server.url);
    const console = { ...server, url };
    expect(await status(console, '/console')).toBe(200);
    expect(await status(console, session)).toBe(401);
    expect(await status(console, '/WebApp/API/AgentResource/ProductAgents')).toBe(404);
    expect(await status(console, '/metrics')).toBe(404);
    expect(await status(server, '/console')).toBe(404);
    expect(await status(server, session)).toBe(404);
    expect(await status(server, '/')).toBe(200);
    expect(await status(server, '/WebApp/API/AgentResource/ProductAgents')).not.toBe(404);
    expect((await (await administrator(console)).call('GET', session)).status).toBe(200);
    await server.stop();
  });
});

describe('a route of the console API', () => {
  it('that does not say who may use it cannot be registered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-permitted-'));
    const database = await openDatabase(join(folder, 'cordon.sqlite'));
    const audit = new Audit(database, Date.now);
    const sealer = new Sealer(Buffer.alloc(32, 1));
    const { sessions } = makeAccountModule({
      database,
      audit,
      sealer,
      passwordCost: productionPasswordCost,
      now: Date.now,
      idleMilliseconds: 60_000,
      ended: () => {},
    });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const app = makeHttp({
      certificate: new ServerCertificate(await ownCertificate(folder, ['localhost'], { key, now: Date.now() }), {
        files: ownFiles(folder),
        trusted: () => [],
        log: () => undefined,
      }),
      logLevel: 'silent',
      failed: () => undefined,
    });
    permitted(app, sessions, audit);
    app.get('/declared', to('read', 'agents'), () => 'x');
    expect(() => app.get('/undeclared', () => 'x')).toThrow('GET /undeclared does not say who may use it.');
    await app.close();
    await audit.close();
    await database.close();
    await rm(folder, { recursive: true });
  });
});
