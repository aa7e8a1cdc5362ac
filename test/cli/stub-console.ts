/** The console API of the stub, for one person who may do everything. */
import type { SeenRequest, StubAnswer } from './stub-server.ts';

export const admin = { user: 'admin', password: 'correct horse' };
const session = 'session-token-of-the-stub';
const at = Date.UTC(2026, 10, 22, 4, 0, 0);

const application = {
  id: '11111111-2222-3333-4444-555555555555',
  name: 'playbooks',
  enabled: true,
  timeoutSeconds: 300,
  apiType: 'all',
  createdAt: at,
  lastUsedAt: at + 60_000,
  lastUsedFrom: '192.0.2.8',
};
const apiKey = 'BBBBBBBB-CCCC-DDDD-EEEE-FFFFFFFFFFFF';

const command = {
  id: 7,
  agent: '492E8584-0114-694D-BF9D-44CC20141501',
  hostName: 'client01',
  act: 'isolate',
  requestedBy: 'playbooks',
  requestedAt: at,
  state: 'done',
  outcome: null,
  finishedAt: at + 850,
};

const line = {
  id: 41,
  at,
  actor: 'application playbooks',
  source: '192.0.2.8',
  act: 'isolate',
  target: 'client01',
  outcome: 'done',
  detail: 'epoch 2',
  requestId: 'r-1',
  hash: 'c0'.repeat(32),
};

const details = {
  agent: '492E8584-0114-694D-BF9D-44CC20141501',
  hostName: 'client01',
  isolation: 'isolated',
  wanted: 'isolated',
  epoch: 2,
  reported: 'isolated',
  reportedEpoch: 2,
  reportedAt: at + 850,
  report: '{}',
  problem: null,
  online: true,
  lastSeenAt: at + 900,
  objectsRevision: 3,
  platform: 'Debian GNU/Linux 12 (bookworm)',
  agentVersion: '0.1.0',
  enrolledAt: at - 86_400_000,
};

export function answerConsole(seen: SeenRequest, authorization: string | undefined): StubAnswer {
  const route = `${seen.method} ${seen.url.replace(/\?.*/, '')}`;
  if (route === 'POST /api/v1/session') return signIn(seen.body);
  if (authorization !== `Session ${session}`) return failure(401, 'session-invalid', 'The session has ended.');
  return routes[route]?.() ?? failure(404, 'route-unknown', 'There is no such resource.');
}

const routes: Record<string, () => StubAnswer> = {
  'DELETE /api/v1/session': () => ({ status: 204, body: '' }),
  'GET /api/v1/applications': () => ok({ applications: [application] }),
  'POST /api/v1/applications': () => ok({ application, apiKey }, 201),
  [`PATCH /api/v1/applications/${application.id}`]: () => ok({ application }),
  [`POST /api/v1/applications/${application.id}/rotate`]: () => ok({ application, apiKey }),
  [`DELETE /api/v1/applications/${application.id}`]: () => ({ status: 204, body: '' }),
  'POST /api/v1/enrolment-tokens': () =>
    ok({ id: 't', token: 'cordon1.abc', uses: 1, expiresAt: at + 86_400_000 }, 201),
  [`GET /api/v1/agents/${details.agent}`]: () => ok(details),
  'GET /api/v1/commands': () => ok({ commands: [command] }),
  'GET /api/v1/audit': () => ok({ lines: [line], next: null }),
};

function signIn(body: string): StubAnswer {
  if (body !== JSON.stringify(admin)) return failure(401, 'sign-in-failed', 'The user name or the password is wrong.');
  return ok({ token: session, user: admin.user, expiresAt: at + 43_200_000 });
}

function ok(value: unknown, status = 200): StubAnswer {
  return { status, body: JSON.stringify(value) };
}

function failure(status: number, reason: string, sentence: string): StubAnswer {
  return { status, body: JSON.stringify({ error: { reason, sentence } }) };
}
