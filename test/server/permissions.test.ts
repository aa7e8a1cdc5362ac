/** Role × verb × scope: every route of the console API for every role, and agents inside and outside one's folders. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import type { FakeAgent } from './fake-agent.ts';
import { administrator, chosenPassword, person, reasonOf, signedIn } from './callers.ts';
import type { Caller } from './callers.ts';
import { Site } from './site.ts';
import { send } from './wire.ts';

/**
 * Who may use each route: Administrator, Operator, Viewer (R, for reader); lower-case letters are the last two limited
 * to folders. A route that is missing here fails the test.
 */
const matrix: Readonly<Record<string, string>> = {
  'GET /api/v1/session': 'A O R o r',
  'GET /api/v1/sessions': 'A O R o r',
  'DELETE /api/v1/sessions': 'A O R o r',
  'DELETE /api/v1/sessions/{id}': 'A O R o r',
  'POST /api/v1/password': 'A O R o r',
  'POST /api/v1/totp': 'A O R o r',
  'POST /api/v1/totp/confirm': 'A O R o r',
  'POST /api/v1/totp/disable': 'A O R o r',
  'GET /api/v1/accounts': 'A',
  'POST /api/v1/accounts': 'A',
  'PATCH /api/v1/accounts/{user}': 'A',
  'DELETE /api/v1/accounts/{user}': 'A',
  'POST /api/v1/accounts/{user}/reset-password': 'A',
  'POST /api/v1/accounts/{user}/reset-totp': 'A',
  'GET /api/v1/account-settings': 'A',
  'PUT /api/v1/account-settings': 'A',
  'GET /api/v1/applications': 'A',
  'POST /api/v1/applications': 'A',
  'POST /api/v1/applications/draft': 'A',
  'PATCH /api/v1/applications/{id}': 'A',
  'POST /api/v1/applications/{id}/rotate': 'A',
  'DELETE /api/v1/applications/{id}': 'A',
  'POST /api/v1/enrolment-tokens': 'A',
  'GET /api/v1/agents': 'A O R o r',
  'GET /api/v1/servers': 'A O R o r',
  'GET /api/v1/agents/{id}': 'A O R o r',
  'PATCH /api/v1/agents/{id}': 'A O o',
  'DELETE /api/v1/agents/{id}': 'A',
  'POST /api/v1/agents/{id}/break-glass': 'A O o',
  'POST /api/v1/acts': 'A O o',
  'POST /api/v1/acts/preview': 'A O o',
  'GET /api/v1/approvals': 'A O R o r',
  'GET /api/v1/approvals/{id}': 'A O R o r',
  'POST /api/v1/approvals/{id}/approve': 'A O o',
  'POST /api/v1/approvals/{id}/reject': 'A O o',
  'GET /api/v1/commands': 'A O R o r',
  'GET /api/v1/guard': 'A O R o r',
  'PUT /api/v1/guard': 'A',
  'GET /api/v1/profiles': 'A O R o r',
  'PUT /api/v1/profiles/{name}': 'A',
  'DELETE /api/v1/profiles/{name}': 'A',
  'GET /api/v1/groups': 'A O R o r',
  'PUT /api/v1/groups/{name}': 'A',
  'DELETE /api/v1/groups/{name}': 'A',
  'GET /api/v1/objects': 'A O R o r',
  'POST /api/v1/objects': 'A O',
  'POST /api/v1/objects/check': 'A O',
  'POST /api/v1/objects/undo': 'A O',
  'GET /api/v1/objects/{type}/{content}': 'A O R o r',
  'GET /api/v1/detections': 'A O R o r',
  'GET /api/v1/detections/summary': 'A O R o r',
  'GET /api/v1/tasks': 'A O R o r',
  'POST /api/v1/tasks': 'A O o',
  'GET /api/v1/tasks/{id}': 'A O R o r',
  'POST /api/v1/tasks/{id}/cancel': 'A O o',
  'GET /api/v1/quarantine': 'A O R o r',
  'POST /api/v1/quarantine/restore': 'A O o',
  'GET /api/v1/webhooks': 'A',
  'POST /api/v1/webhooks': 'A',
  'PATCH /api/v1/webhooks/{id}': 'A',
  'DELETE /api/v1/webhooks/{id}': 'A',
  'POST /api/v1/webhooks/{id}/rotate': 'A',
  'POST /api/v1/webhooks/{id}/test': 'A',
  'POST /api/v1/webhooks/{id}/replay': 'A',
  'GET /api/v1/webhooks/{id}/deliveries': 'A',
  'GET /api/v1/syslog': 'A',
  'PUT /api/v1/syslog': 'A',
  'DELETE /api/v1/syslog': 'A',
  'POST /api/v1/syslog/test': 'A',
  'GET /api/v1/overview': 'A O R o r',
  'GET /api/v1/audit': 'A O R o r',
  'GET /api/v1/audit/checkpoints': 'A O R',
  // The last one: it ends the session.
  'DELETE /api/v1/session': 'A O R o r',
};

/** This answer does not end by itself; its status shows who may use it. */
const stream = 'GET /api/v1/events';
const strangersMayCall = new Set(['POST /api/v1/session']);
/** An id of no account, agent, application or approval, so that an allowed request changes nothing. */
const nobody = '999999';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let callers: Record<string, Caller>;
  let paris: FakeAgent;
  let berlin: FakeAgent;

  beforeAll(async () => {
    site = await Site.open(kind);
    const admin = await administrator(site.server);
    const scope = ['Workgroup/Paris'];
    const one = (user: string, role: 'Operator' | 'Viewer', more: { scope?: string[] } = {}): Promise<Caller> =>
      person(site.server, admin, { user, role, ...more });
    callers = {
      A: admin,
      O: await one('operator', 'Operator'),
      R: await one('reader', 'Viewer'),
      o: await one('paris-operator', 'Operator', { scope }),
      r: await one('paris-reader', 'Viewer', { scope }),
    };
    paris = await site.enrol({ folder: 'Workgroup\\Paris\\Office' }, 'in-paris');
    berlin = await site.enrol({ folder: 'Workgroup\\Paris-Berlin' }, 'in-berlin');
  }, 300_000);
  afterAll(() => site.close());

  function as(who: string): Caller {
    const caller = callers[who];
    if (caller === undefined) throw new Error(`Nobody is called ${who}.`);
    return caller;
  }

  async function routes(): Promise<string[]> {
    const { paths } = JSON.parse((await send(site.server, { method: 'GET', path: '/openapi.json' })).text);
    const all = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(Object(item)).map((method) => `${method.toUpperCase()} ${path}`),
    );
    return all.filter((route) => route.includes(' /api/v1/') && !strangersMayCall.has(route));
  }

  async function approvalsSeenBy(who: string): Promise<unknown[]> {
    const { approvals } = await as(who).ask('GET', '/api/v1/approvals');
    return Array.isArray(approvals) ? approvals.map((one) => one.id) : [];
  }

  async function hostsListedFor(who: string): Promise<string[]> {
    const { agents } = await as(who).ask('GET', '/api/v1/agents');
    return Array.isArray(agents) ? agents.map((one) => String(one.hostName)).sort() : [];
  }

  async function hostsTouchedBy(who: string, act: object): Promise<unknown[]> {
    const { affected } = await as(who).ask('POST', '/api/v1/acts/preview', act);
    return Array.isArray(affected) ? affected.map((one) => String(one.hostName)).sort() : [];
  }

  it('names every route of the console API', async () => {
    expect([...Object.keys(matrix), stream].sort()).toEqual((await routes()).sort());
  });

  it('lets no stranger use any of them', async () => {
    for (const route of await routes()) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await send(site.server, { method, path: path.replaceAll(/\{\w+\}/g, nobody), body: '{}' });
      expect([route, answer.status, reasonOf(answer)]).toEqual([route, 401, 'not-signed-in']);
    }
  });

  describe.each(['O', 'R', 'o', 'r', 'A'])('%s', (who) => {
    it('may use what the matrix says, and nothing else', async () => {
      expect(await as(who).opens('/api/v1/events')).toBe(200);
      const allowed: string[] = [];
      for (const route of Object.keys(matrix)) {
        const [method = '', path = ''] = route.split(' ');
        const answer = await as(who).call(
          method,
          path.replaceAll(/\{\w+\}/g, nobody),
          method === 'GET' ? undefined : {},
        );
        expect([route, answer.status]).not.toEqual([route, 401]);
        if (reasonOf(answer) !== 'not-permitted') allowed.push(route);
      }
      const expected = Object.entries(matrix).filter(([, roles]) => roles.split(' ').includes(who));
      expect(allowed).toEqual(expected.map(([route]) => route));
      // The last request ended the session.
      expect((await as(who).call('GET', '/api/v1/session')).status).toBe(401);
      callers[who] = who === 'A' ? await administrator(site.server) : await again(who);
    });
  });

  async function again(who: string): Promise<Caller> {
    const users: Record<string, string> = { O: 'operator', R: 'reader', o: 'paris-operator', r: 'paris-reader' };
    return signedIn(site.server, { user: users[who] ?? '', password: chosenPassword });
  }

  describe('an account that is limited to folders', () => {
    it('knows the agents of its folders, and of others not even that they are there', async () => {
      for (const who of ['o', 'r']) {
        expect((await as(who).call('GET', `/api/v1/agents/${paris.id}`)).status).toBe(200);
        const outside = await as(who).call('GET', `/api/v1/agents/${berlin.id}`);
        const absent = await as(who).call('GET', `/api/v1/agents/${nobody}`);
        expect(outside.status).toBe(404);
        expect(outside.text.replace(berlin.id, nobody)).toBe(absent.text);
      }
      for (const who of ['o', 'r']) expect(await hostsListedFor(who)).toEqual(['in-paris']);
      expect(await hostsListedFor('R')).toEqual(['in-berlin', 'in-paris']);
      for (const who of ['O', 'R']) expect((await as(who).call('GET', `/api/v1/agents/${berlin.id}`)).status).toBe(200);
    });

    it('touches, of all that match, the agents of its folders only', async () => {
      const act = { act: 'isolate', selector: { product: 'SLF_PRODUCT_OFFICESCAN_CE' }, allowMultiple: true };
      expect(await hostsTouchedBy('O', act)).toEqual(['in-berlin', 'in-paris']);
      expect(await hostsTouchedBy('o', act)).toEqual(['in-paris']);
      const { affected } = await as('o').ask('POST', '/api/v1/acts', act);
      expect(affected).toMatchObject([{ hostName: 'in-paris' }]);
      expect((await site.listed(berlin))?.['isolation_status']).toBe('normal');
      expect((await site.listed(paris))?.['isolation_status']).not.toBe('normal');
    });

    it('names an agent outside and is answered as if there were none', async () => {
      const selectors = [{ entityId: berlin.id }, { hostName: 'in-berlin' }];
      for (const selector of selectors) {
        const outside = await as('o').ask('POST', '/api/v1/acts', { act: 'isolate', selector });
        const absent = await as('o').ask('POST', '/api/v1/acts', { act: 'isolate', selector: { hostName: 'absent' } });
        expect(outside).toEqual(absent);
      }
      for (const [method, path, body] of [
        ['POST', `/api/v1/agents/${berlin.id}/break-glass`, undefined],
        ['PATCH', `/api/v1/agents/${berlin.id}`, {}],
      ] as const) {
        expect(reasonOf(await as('o').call(method, path, body))).toBe('agent-unknown');
      }
      expect((await site.listed(berlin))?.['isolation_status']).toBe('normal');
    });

    it('sees the commands of its agents only', async () => {
      await as('O').ask('POST', '/api/v1/acts', { act: 'release', selector: { hostName: 'in-berlin' } });
      const hostsOf = async (who: string, query = ''): Promise<unknown> => {
        const { commands } = await as(who).ask('GET', `/api/v1/commands${query}`);
        return [...new Set(Array.isArray(commands) ? commands.map((one) => String(one.hostName)) : [])].sort();
      };
      expect(await hostsOf('O')).toEqual(['in-berlin', 'in-paris']);
      for (const who of ['o', 'r']) {
        expect(await hostsOf(who)).toEqual(['in-paris']);
        expect(await hostsOf(who, `?agent=${berlin.id}`)).toEqual([]);
      }
    });

    it('sees and decides approvals of which every agent is in its folders', async () => {
      for (const agent of [paris, berlin])
        await as('A').ask('PATCH', `/api/v1/agents/${agent.id}`, { protected: true });
      await as('O').ask('POST', '/api/v1/acts', { act: 'release', selector: { hostName: 'in-paris' } });
      const hold = async (selector: object): Promise<number> => {
        const { approval } = await as('O').ask('POST', '/api/v1/acts', {
          act: 'isolate',
          selector,
          allowMultiple: true,
        });
        return Number(approval);
      };
      const [inside, both] = [
        await hold({ hostName: 'in-paris' }),
        await hold({ product: 'SLF_PRODUCT_OFFICESCAN_CE' }),
      ];
      expect(await approvalsSeenBy('R')).toEqual([both, inside]);
      for (const who of ['o', 'r']) expect(await approvalsSeenBy(who)).toEqual([inside]);
      for (const decision of ['approve', 'reject']) {
        const outside = await as('o').call('POST', `/api/v1/approvals/${both}/${decision}`);
        expect([outside.status, reasonOf(outside)]).toEqual([404, 'approval-unknown']);
      }
      const { affected } = await as('o').ask('POST', `/api/v1/approvals/${inside}/approve`);
      expect(affected).toMatchObject([{ hostName: 'in-paris' }]);
    });
  });

  describe('an Operator', () => {
    it('neither protects nor uninstalls, nor decides on uninstalling', async () => {
      const protect = await as('O').call('PATCH', `/api/v1/agents/${paris.id}`, { protected: false });
      expect(reasonOf(protect)).toBe('not-permitted');
      const act = { act: 'uninstall', selector: { hostName: 'in-berlin' } };
      expect(reasonOf(await as('O').call('POST', '/api/v1/acts', act))).toBe('not-permitted');
      const { approval } = await as('A').ask('POST', '/api/v1/acts', act);
      for (const decision of ['approve', 'reject']) {
        const answer = await as('O').call('POST', `/api/v1/approvals/${String(approval)}/${decision}`);
        expect([answer.status, reasonOf(answer)]).toEqual([403, 'not-permitted']);
      }
    });
  });

  describe('an approval of an application’s act', () => {
    it('is not for those who made the application or its key, and is for anybody else', async () => {
      const second = await person(site.server, as('A'), { user: 'second', role: 'Administrator' });
      const refused = await site.send('POST', '/WebApp/API/AgentResource/ProductAgents', {
        act: 'cmd_isolate_agent',
        host_name: 'in-berlin',
        allow_multiple_match: false,
      });
      expect(refused.text).toContain('cordon approvals approve');
      const [id] = await approvalsSeenBy('A');
      // The key is the first Administrator's, who stays a holder even if somebody else rotates it afterwards.
      await second.ask('POST', `/api/v1/applications/${site.keys.applicationId}/rotate`);
      const own = await as('A').call('POST', `/api/v1/approvals/${String(id)}/approve`);
      expect([own.status, reasonOf(own)]).toEqual([403, 'same-person']);
      const { affected } = await second.ask('POST', `/api/v1/approvals/${String(id)}/approve`);
      expect(affected).toMatchObject([{ hostName: 'in-berlin' }]);
    });
  });

  it('audits who was refused, and what', async () => {
    // Refusals of one address are written one by one up to a limit, which the matrix has used up for its own address.
    const [from, headers] = ['127.0.9.9', { Authorization: `Session ${as('R').token}` }];
    await send(site.server, { method: 'PUT', path: '/api/v1/guard', headers, from, body: '{}' });
    const line = await eventually('it is audited', async () => {
      const { lines } = await as('A').ask('GET', '/api/v1/audit');
      return Array.isArray(lines) ? lines.find((one) => one.source === from) : undefined;
    });
    expect(line).toMatchObject({
      actor: 'user:reader',
      target: 'PUT /api/v1/guard',
      outcome: 'not-permitted',
      detail: 'The role Viewer may not change "guard"; Administrator may.',
    });
  });
});
