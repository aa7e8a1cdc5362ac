/** The stream of events: its headers for browsers, and that it ends with the session that opened it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserHeaders } from '../../packages/server/src/http/browser/browser-headers.ts';
import { databaseKinds } from '../harness/databases.ts';
import { openLiveStream } from './live-stream.ts';
import { administrator, chosenPassword, cookieOf, fromPage, person, signedIn } from './callers.ts';
import type { Caller } from './callers.ts';
import { Site } from './site.ts';
import { send } from './wire.ts';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let admin: Caller;

  beforeAll(async () => {
    site = await Site.open(kind);
    admin = await administrator(site.server);
  });
  afterAll(() => site.close());

  it('says to browsers what every answer of the console says', async () => {
    const looking = await openLiveStream(site.server, admin);
    expect(looking.headers).toMatchObject({ ...browserHeaders, 'content-type': 'text/event-stream; charset=utf-8' });
    looking.close();
  });

  it.each<[string, (own: Caller, user: string) => Promise<unknown>]>([
    ['signs out', (own) => own.ask('DELETE', '/api/v1/session')],
    [
      'chooses another password',
      (own) => own.ask('POST', '/api/v1/password', { current: chosenPassword, password: 'another horse battery' }),
    ],
    [
      'ends their other sessions from elsewhere',
      async (_own, user) => {
        const elsewhere = await signedIn(site.server, { user, password: chosenPassword });
        await elsewhere.ask('DELETE', '/api/v1/sessions');
      },
    ],
    ['is disabled', (_own, user) => admin.ask('PATCH', `/api/v1/accounts/${user}`, { disabled: true })],
    ['is limited to folders', (_own, user) => admin.ask('PATCH', `/api/v1/accounts/${user}`, { scope: ['Paris'] })],
    ['has another role', (_own, user) => admin.ask('PATCH', `/api/v1/accounts/${user}`, { role: 'Viewer' })],
    ['has its password reset', (_own, user) => admin.ask('POST', `/api/v1/accounts/${user}/reset-password`)],
    ['is removed', (_own, user) => admin.ask('DELETE', `/api/v1/accounts/${user}`)],
  ])('ends for a caller who %s, and for nobody else', async (what, act) => {
    const user = what.replaceAll(' ', '-');
    const own = await person(site.server, admin, { user, role: 'Operator' });
    const looking = await openLiveStream(site.server, own);
    const other = await openLiveStream(site.server, admin);
    await act(own, user);
    await looking.over();
    await site.enrol();
    await site.act('cmd_isolate_agent', { product: 'SLF_PRODUCT_OFFICESCAN_CE' });
    await other.next((event) => event.kind === 'agents');
    expect(looking.events.filter((event) => event.kind === 'agents')).toEqual([]);
    await expect(openLiveStream(site.server, own)).rejects.toThrow('refused with 401');
    other.close();
  });

  it('ends for a browser that signs out', async () => {
    const user = 'browsing';
    await person(site.server, admin, { user, role: 'Operator' });
    const body = JSON.stringify({ user, password: chosenPassword });
    const page = fromPage(site.server);
    const answer = await send(site.server, { method: 'POST', path: '/api/v1/session', headers: page, body });
    const headers = { ...page, Cookie: cookieOf(answer) ?? '' };
    const looking = await openLiveStream(site.server, { headers });
    const out = await send(site.server, { method: 'DELETE', path: '/api/v1/session', headers });
    expect(out.status).toBe(204);
    await looking.over();
  });

  it('ends for a role that must have a second factor from now on, as far as somebody has none', async () => {
    const own = await person(site.server, admin, { user: 'bare', role: 'Viewer' });
    const looking = await openLiveStream(site.server, own);
    await admin.ask('PUT', '/api/v1/account-settings', { requireTotp: ['Viewer'] });
    await looking.over();
    await expect(openLiveStream(site.server, own)).rejects.toThrow('refused with 403');
    await admin.ask('PUT', '/api/v1/account-settings', { requireTotp: [] });
  });
});
