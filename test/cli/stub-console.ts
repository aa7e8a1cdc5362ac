/** The stub's console API, for one person with every permission. */
import { signDocument } from '@cordon/protocol/channel';
import { containmentRoutes, failure, ok, privateKey, publicKey } from './stub-containment.ts';
import { notificationRoutes } from './stub-notifications.ts';
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

const report = {
  agent: '492E8584-0114-694D-BF9D-44CC20141501',
  enrolment: '00000000-0000-0000-0000-000000000001',
  epoch: 2,
  isolation: 'isolated' as const,
  proof: {
    digest: 'ab'.repeat(32),
    level: 'owner-persist' as const,
    chains: 8,
    rules: 21,
    packetsAccepted: 118,
    packetsDropped: 7,
    probes: [
      { probe: 'tcp4', outcome: 'refused' as const },
      { probe: 'tcp6', outcome: 'unavailable' as const },
    ],
  },
  problem: null,
  installed: true,
  objectsRevision: 3,
  publicKeyPins: [`${'a'.repeat(43)}=`],
  at: at + 840,
};

const details = {
  agent: '492E8584-0114-694D-BF9D-44CC20141501',
  hostName: 'client01',
  isolation: 'isolated',
  desired: 'isolated',
  epoch: 2,
  reported: 'isolated',
  reportedEpoch: 2,
  reportedAt: at + 850,
  report: JSON.stringify(signDocument('report', report, privateKey)),
  publicKey,
  problem: null,
  online: true,
  lastSeenAt: at + 900,
  objectsRevision: 3,
  ipAddresses: '192.0.2.7',
  macAddresses: '00-0C-29-9B-AB-65',
  folder: 'Workgroup',
  server: 'HOME',
  platform: 'Debian GNU/Linux 12 (bookworm)',
  agentVersion: '0.1.0',
  enrolledAt: at - 86_400_000,
  protected: false,
  deadline: at + 4 * 3_600_000,
  profile: 'forensics',
  message: 'Call the service team.',
  tampering: { count: 2, lastAt: at + 60_000 },
};

export function answerConsole(seen: SeenRequest, authorization: string | undefined): StubAnswer {
  const route = `${seen.method} ${seen.url.replace(/\?.*/, '')}`;
  if (route === 'POST /api/v1/session') return signIn(seen.body);
  if (authorization !== `Session ${session}`) return failure(401, 'session-invalid', 'The session has ended.');
  const asked = { body: seen.body, query: new URL(seen.url, 'https://stub').searchParams };
  return (
    routes[route]?.() ??
    containmentRoutes[route]?.(asked) ??
    notificationRoutes[route]?.(asked) ??
    failure(404, 'route-unknown', 'There is no such resource.')
  );
}

const signedIn = {
  user: admin.user,
  role: 'Operator',
  scope: [],
  totp: false,
  mustChangePassword: false,
  mustSetUpTotp: false,
  expiresAt: at,
  idleSeconds: null,
};

const routes: Record<string, () => StubAnswer> = {
  'GET /api/v1/session': () => ok(signedIn),
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
};

function signIn(body: string): StubAnswer {
  if (body !== JSON.stringify(admin)) return failure(401, 'sign-in-failed', 'The user name or the password is wrong.');
  return ok({ token: session, user: admin.user, expiresAt: Date.now() + 43_200_000 });
}
