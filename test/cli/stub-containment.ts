/** The stub's console API for actions, guard, approvals, profiles and the audit. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chainStart, hashOfLine, signCheckpoint } from '../../packages/protocol/src/console/audit-chain.ts';
import type { AuditLine } from '../../packages/protocol/src/console/index.ts';
import type { StubAnswer } from './stub-server.ts';

interface Asked {
  readonly body: string;
  readonly query: URLSearchParams;
}

const at = Date.UTC(2026, 10, 22, 4, 0, 0);
const product = 'SLF_PRODUCT_OFFICESCAN_CE';

/** The agents to match; the guard holds actions on the protected one. */
const fleet = [
  { agent: '492E8584-0114-694D-BF9D-44CC20141501', hostName: 'client01', able: true, guarded: false, product },
  { agent: '00000000-0000-0000-0000-0000000000DC', hostName: 'dc01', able: true, guarded: true, product },
  { agent: '80180123-1059-CCCC-CCCC-111100000010', hostName: 'host8', able: false, guarded: false, product },
];

export const containmentRoutes: Readonly<Record<string, (asked: Asked) => StubAnswer>> = {
  'POST /api/v1/acts/preview': ({ body }) => ok(outcomeOf(JSON.parse(body))),
  'POST /api/v1/acts': ({ body }) => {
    const outcome = outcomeOf(JSON.parse(body));
    return ok({ ...outcome, approval: outcome.guard.length > 0 ? 7 : null });
  },
  'GET /api/v1/approvals': () => ok({ approvals: [approval, { ...approval, ...decided }] }),
  'GET /api/v1/approvals/7': () => ok(approval),
  'GET /api/v1/approvals/5': () => failure(404, 'approval-unknown', 'There is no approval 5.'),
  'GET /api/v1/approvals/6': () => ok({ ...approval, ...decided }),
  'POST /api/v1/approvals/7/approve': () => ok({ ...outcomeOf({ selector: { hostName: 'dc01' } }), guard: [] }),
  'POST /api/v1/approvals/7/reject': () => ({ status: 204, body: '' }),
  'POST /api/v1/approvals/6/approve': () => failure(409, 'approval-over', 'Approval 6 is decided or expired already.'),
  'GET /api/v1/guard': () => ok(settings),
  'PUT /api/v1/guard': ({ body }) => {
    settings = JSON.parse(body);
    return { status: 204, body: '' };
  },
  'GET /api/v1/profiles': () => ok({ profiles }),
  'PUT /api/v1/profiles/forensics': () => ({ status: 204, body: '' }),
  'DELETE /api/v1/profiles/forensics': () => ({ status: 204, body: '' }),
  'DELETE /api/v1/profiles/nothing': () => failure(404, 'profile-unknown', 'There is no profile "nothing".'),
  [`PATCH /api/v1/agents/${fleet[0]?.agent ?? ''}`]: () => ({ status: 204, body: '' }),
  [`DELETE /api/v1/agents/${fleet[0]?.agent ?? ''}`]: () => ({ status: 204, body: '' }),
  [`POST /api/v1/agents/${fleet[0]?.agent ?? ''}/break-glass`]: () =>
    ok({ agent: fleet[0]?.agent, codes: [{ epoch: 2, code: '7K3M-9QZX-0V4T', isolation: 'reported' }] }),
  'GET /api/v1/audit': ({ query }) => auditPage(query),
  'GET /api/v1/audit/checkpoints': () => ok({ publicKey, checkpoints }),
};

const message = 'dc01 is protected: a second person must approve this.';
const approval = {
  id: 7,
  act: 'isolate',
  requestedBy: 'application:11111111-2222-3333-4444-555555555555',
  requestedAt: at,
  expiresAt: at + 86_400_000,
  reasons: [{ rule: 'protected', message }],
  agents: 1,
  hostNames: ['dc01'],
  state: 'pending',
  decidedBy: null,
  decidedAt: null,
};
const decided = { id: 6, state: 'rejected', decidedBy: 'user:admin', decidedAt: at + 1000 };

let settings: unknown = {
  enabled: true,
  perApplicationPerHour: 100,
  perPersonPerHour: 100,
  shareOfFleet: 0.5,
  shareCountsAbove: 20,
};

const profiles = [
  {
    name: 'forensics',
    exceptions: [
      { direction: 'in', protocol: 'tcp', network: '192.0.2.0/24', ports: { first: 22, last: 22 } },
      { direction: 'out', protocol: 'udp', network: '2001:db8::/32', ports: { first: 8000, last: 8100 } },
      { direction: 'out', protocol: 'tcp', network: '198.51.100.7/32', ports: null },
    ],
    dhcp: true,
    changedAt: at,
  },
];

interface Request {
  readonly selector: {
    readonly hostName?: string;
    readonly product?: string;
    readonly entityIds?: readonly string[];
    readonly group?: string;
  };
}

function outcomeOf({ selector }: Request): {
  affected: unknown[];
  leftOut: unknown[];
  notFound: string[];
  guard: unknown[];
  approval: null;
} {
  const ids = selector.entityIds ?? [];
  const matches = fleet.filter(
    (one) =>
      one.hostName === selector.hostName ||
      one.product === selector.product ||
      ids.includes(one.agent) ||
      (selector.group === 'lab' && !one.guarded),
  );
  const able = matches.filter((one) => one.able);
  return {
    affected: able.map(({ agent, hostName }) => ({ agent, hostName, isolation: 'normal' })),
    leftOut: matches
      .filter((one) => !one.able)
      .map(({ agent, hostName }) => ({ agent, hostName, why: 'This agent cannot be commanded.' })),
    notFound: ids.filter((id) => fleet.every(({ agent }) => agent !== id)),
    guard: able.some((one) => one.guarded) ? [{ rule: 'protected', message }] : [],
    approval: null,
  };
}

/** PKCS #8 around 32 fixed bytes, so that golden output can show the key and its signatures stay the same. */
const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]);
export const privateKey: KeyObject = createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
export const publicKey: string = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');

const hostile = 'refused: a|b=c\\d\nsecond line\u001b[31m';

/** A valid chain. */
export const auditLines: AuditLine[] = chained([
  ['user:admin', '127.0.0.1', 'sign-in', 'console', 'done', ''],
  ['application:playbooks', '192.0.2.8', 'isolate', 'client01', 'done', 'epoch 2'],
  ['stranger', '2001:db8::9', 'request', 'GET|/x', 'token-malformed', hostile],
  ['user:admin', '127.0.0.1', 'show-break-glass', 'client01', 'done', 'epoch 2'],
]);
export const checkpoints = [2, 4].map((id) =>
  signCheckpoint({ id, hash: auditLines[id - 1]?.hash ?? '', at }, privateKey),
);

function chained(facts: readonly [string, string, string, string, string, string][]): AuditLine[] {
  let previous = chainStart;
  return facts.map(([actor, source, act, target, outcome, detail], index) => {
    const line = {
      id: index + 1,
      at: at + index,
      actor,
      source,
      act,
      target,
      outcome,
      detail,
      requestId: `r-${index}`,
    };
    previous = hashOfLine(previous, line);
    return { ...line, hash: previous };
  });
}

function auditPage(query: URLSearchParams): StubAnswer {
  const limit = Number(query.get('limit') ?? 100);
  const after = query.get('after');
  if (after === null) return ok({ lines: auditLines.toReversed().slice(0, limit), next: null });
  const lines = auditLines.filter((line) => line.id > Number(after)).slice(0, limit);
  return ok({ lines, next: lines.length === limit ? (lines.at(-1)?.id ?? null) : null });
}

export function ok(value: unknown, status = 200): StubAnswer {
  return { status, body: JSON.stringify(value) };
}

export function failure(status: number, reason: string, why: string): StubAnswer {
  return { status, body: JSON.stringify({ error: { reason, message: why } }) };
}
