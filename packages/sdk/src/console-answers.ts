/** Reads the answers of the console API into the types of its schemas. */
import type {
  AgentDetails,
  Application,
  ApplicationWithKey,
  AuditLine,
  AuditPage,
  CommandRecord,
  NewEnrolmentToken,
  Role,
  Session,
  SignedIn,
} from '@cordon/protocol/console';
import { Fields, isRecord } from './reading.ts';

/** A new session, with the token that stands for it: whoever is no browser is always given one. */
export function readSignedIn(value: unknown): SignedIn & { readonly token: string } {
  return { ...readSession(value), token: new Fields(value).text('token') };
}

export function readSession(value: unknown): Session {
  const fields = new Fields(value);
  return {
    user: fields.text('user'),
    role: readRole(fields.text('role')),
    scope: fields.list('scope'),
    totp: fields.yes('totp'),
    mustChangePassword: fields.yes('mustChangePassword'),
    mustSetUpTotp: fields.yes('mustSetUpTotp'),
    expiresAt: fields.number('expiresAt'),
    idleSeconds: fields.numberOrNull('idleSeconds'),
  };
}

/** A role that this client does not know is shown as the least of those that it does. */
function readRole(name: string): Role {
  return (['Administrator', 'Operator'] as const).find((role) => role === name) ?? 'Read-only';
}

export function readApplication(value: unknown): Application {
  const fields = new Fields(value);
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    enabled: fields.yes('enabled'),
    timeoutSeconds: fields.number('timeoutSeconds'),
    apiType: fields.text('apiType'),
    createdAt: fields.number('createdAt'),
    lastUsedAt: fields.numberOrNull('lastUsedAt'),
    lastUsedFrom: fields.textOrNull('lastUsedFrom'),
  };
}

export function readApplicationWithKey(value: unknown): ApplicationWithKey {
  const fields = new Fields(value);
  return { application: readApplication(fields.raw('application')), apiKey: fields.text('apiKey') };
}

export function readNewEnrolmentToken(value: unknown): NewEnrolmentToken {
  const fields = new Fields(value);
  return {
    id: fields.text('id'),
    token: fields.text('token'),
    uses: fields.number('uses'),
    expiresAt: fields.number('expiresAt'),
  };
}

export function readCommand(value: unknown): CommandRecord {
  const fields = new Fields(value);
  return {
    id: fields.number('id'),
    agent: fields.text('agent'),
    hostName: fields.text('hostName'),
    act: fields.text('act'),
    requestedBy: fields.text('requestedBy'),
    requestedAt: fields.number('requestedAt'),
    state: (['done', 'failed', 'superseded'] as const).find((state) => state === fields.text('state')) ?? 'pending',
    outcome: fields.textOrNull('outcome'),
    finishedAt: fields.numberOrNull('finishedAt'),
  };
}

export function readAuditPage(value: unknown): AuditPage {
  const fields = new Fields(value);
  return { lines: fields.records('lines').map(readAuditLine), next: fields.numberOrNull('next') };
}

function readAuditLine(value: unknown): AuditLine {
  const fields = new Fields(value);
  return {
    id: fields.number('id'),
    at: fields.number('at'),
    actor: fields.text('actor'),
    source: fields.text('source'),
    act: fields.text('act'),
    target: fields.text('target'),
    outcome: fields.text('outcome'),
    detail: fields.text('detail'),
    requestId: fields.text('requestId'),
    hash: fields.text('hash'),
  };
}

export function readAgentDetails(value: unknown): AgentDetails {
  const fields = new Fields(value);
  return {
    agent: fields.text('agent'),
    hostName: fields.text('hostName'),
    isolation: fields.text('isolation'),
    desired: fields.text('desired'),
    epoch: fields.number('epoch'),
    reported: fields.text('reported'),
    reportedEpoch: fields.number('reportedEpoch'),
    reportedAt: fields.numberOrNull('reportedAt'),
    report: fields.textOrNull('report'),
    problem: fields.textOrNull('problem'),
    ...(fields.textOrNull('group') === null ? {} : { group: fields.text('group') }),
    ...(isRecord(fields.raw('objects')) ? { objects: readObjectsHeld(fields.inner('objects')) } : {}),
    online: fields.yes('online'),
    lastSeenAt: fields.numberOrNull('lastSeenAt'),
    objectsRevision: fields.number('objectsRevision'),
    publicKey: fields.text('publicKey'),
    ipAddresses: fields.textOrNull('ipAddresses') ?? '',
    macAddresses: fields.textOrNull('macAddresses') ?? '',
    folder: fields.textOrNull('folder') ?? '',
    server: fields.textOrNull('server') ?? '',
    platform: fields.text('platform'),
    agentVersion: fields.text('agentVersion'),
    enrolledAt: fields.number('enrolledAt'),
    protected: fields.yes('protected'),
    deadline: fields.numberOrNull('deadline'),
    profile: fields.textOrNull('profile'),
    message: fields.textOrNull('message'),
    tampering: readTampering(fields.raw('tampering')),
  };
}

function readObjectsHeld(fields: Fields): NonNullable<AgentDetails['objects']> {
  return {
    onAccess: readEnforcement(fields.inner('onAccess')),
    sweep: readEnforcement(fields.inner('sweep')),
    network: readEnforcement(fields.inner('network')),
    names: readEnforcement(fields.inner('names')),
  };
}

/** A state that this client does not know is one that does not enforce. */
function readEnforcement(fields: Fields): NonNullable<AgentDetails['objects']>['onAccess'] {
  const state = (['off', 'starting', 'on'] as const).find((known) => known === fields.text('state')) ?? 'unable';
  return { state, message: fields.textOrNull('message') };
}

function readTampering(value: unknown): AgentDetails['tampering'] {
  if (!isRecord(value)) return null;
  const fields = new Fields(value);
  return { count: fields.number('count'), lastAt: fields.number('lastAt') };
}
