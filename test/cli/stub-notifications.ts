/** The stub's console API for webhooks and syslog. */
import { failure, ok } from './stub-containment.ts';
import type { StubAnswer } from './stub-server.ts';

const at = Date.UTC(2026, 10, 22, 4, 0, 0);

const working = {
  id: '3f0c6a52-0c6e-4a6e-9c55-0d3f1f6a0001',
  name: 'soar',
  url: 'https://soar.example/cordon',
  kinds: [],
  enabled: true,
  ca: null,
  allowPlain: false,
  createdBy: 'user:admin',
  createdAt: at,
  state: 'working',
  cursor: 41,
  behind: 0,
  failingSince: null,
  nextAttemptAt: null,
  lastError: null,
  deliveredAt: at,
};
const failing = {
  ...working,
  id: '3f0c6a52-0c6e-4a6e-9c55-0d3f1f6a0002',
  name: 'chat',
  kinds: ['detection', 'command.failed'],
  state: 'failing',
  behind: 7,
  lastError: 'The receiver answered 500.\u001b[31m',
};
const delivery = { id: 9, event: 41, kind: 'detection', at, attempt: 1, status: 204, milliseconds: 12, error: null };
const refused = { ...delivery, id: 8, attempt: 3, status: 500, error: 'The receiver answered 500.' };
const secret = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const one = `/api/v1/webhooks/${working.id}`;
const other = `/api/v1/webhooks/${failing.id}`;

let settings: unknown = null;
const state = {
  connected: false,
  cursor: 30,
  behind: 11,
  auditBehind: 1,
  lastError: 'connect ECONNREFUSED',
  changedAt: at,
};

export const notificationRoutes: Readonly<Record<string, (asked: { readonly body: string }) => StubAnswer>> = {
  'GET /api/v1/webhooks': () => ok({ webhooks: [working, failing] }),
  'POST /api/v1/webhooks': ({ body }) =>
    JSON.parse(body).url.startsWith('http:')
      ? failure(400, 'url-plain', 'Plain HTTP would show every event to the network.')
      : ok({ webhook: { ...working, ...JSON.parse(body) }, secret }, 201),
  [`DELETE ${one}`]: () => ({ status: 204, body: '' }),
  [`POST ${one}/rotate`]: () => ok({ webhook: working, secret }),
  [`POST ${one}/test`]: () => ok({ ...delivery, event: 0, kind: 'test' }),
  [`POST ${other}/test`]: () => ok({ ...refused, event: 0, kind: 'test' }),
  [`POST ${one}/replay`]: ({ body }) => ok({ from: JSON.parse(body).fromEvent ?? 12, events: 30 }),
  [`GET ${one}/deliveries`]: () => ok({ deliveries: [delivery, refused] }),
  [`GET ${other}/deliveries`]: () => ok({ deliveries: [] }),
  'GET /api/v1/syslog': () => ok(settings === null ? { settings: null, state: null } : { settings, state }),
  'PUT /api/v1/syslog': ({ body }) => {
    settings = JSON.parse(body);
    return { status: 204, body: '' };
  },
  'DELETE /api/v1/syslog': () => {
    settings = null;
    return { status: 204, body: '' };
  },
  'POST /api/v1/syslog/test': () =>
    ok(settings === null ? { sent: true, error: null } : { sent: false, error: 'connect ECONNREFUSED' }),
};
