/** Reads the answers of the console API about webhooks and syslog. */
import type {
  Delivery,
  EventKind,
  Replayed,
  Syslog,
  SyslogSettings,
  SyslogTest,
  Webhook,
  WebhookWithSecret,
} from '@cordon/protocol/console';
import { Fields, isRecord } from './reading.ts';

export function readWebhook(value: unknown): Webhook {
  const fields = new Fields(value);
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    url: fields.text('url'),
    kinds: readKinds(fields),
    enabled: fields.yes('enabled'),
    ca: fields.textOrNull('ca'),
    allowPlain: fields.yes('allowPlain'),
    createdBy: fields.text('createdBy'),
    createdAt: fields.number('createdAt'),
    state: (['retrying', 'failing'] as const).find((state) => state === fields.text('state')) ?? 'working',
    cursor: fields.number('cursor'),
    behind: fields.number('behind'),
    failingSince: fields.numberOrNull('failingSince'),
    nextAttemptAt: fields.numberOrNull('nextAttemptAt'),
    lastError: fields.textOrNull('lastError'),
    deliveredAt: fields.numberOrNull('deliveredAt'),
  };
}

export function readWebhookWithSecret(value: unknown): WebhookWithSecret {
  const fields = new Fields(value);
  return { webhook: readWebhook(fields.raw('webhook')), secret: fields.text('secret') };
}

export function readDelivery(value: unknown): Delivery {
  const fields = new Fields(value);
  return {
    id: fields.number('id'),
    event: fields.number('event'),
    kind: fields.text('kind'),
    at: fields.number('at'),
    attempt: fields.number('attempt'),
    status: fields.numberOrNull('status'),
    milliseconds: fields.number('milliseconds'),
    error: fields.textOrNull('error'),
  };
}

export function readReplayed(value: unknown): Replayed {
  const fields = new Fields(value);
  return { from: fields.numberOrNull('from'), events: fields.number('events') };
}

export function readSyslog(value: unknown): Syslog {
  const fields = new Fields(value);
  const settings = fields.raw('settings');
  const state = fields.raw('state');
  return {
    settings: isRecord(settings) ? readSettings(settings) : null,
    state: isRecord(state) ? readState(state) : null,
  };
}

export function readSyslogTest(value: unknown): SyslogTest {
  const fields = new Fields(value);
  return { sent: fields.yes('sent'), error: fields.textOrNull('error') };
}

function readSettings(value: unknown): SyslogSettings {
  const fields = new Fields(value);
  return {
    host: fields.text('host'),
    port: fields.number('port'),
    protocol: fields.text('protocol') === 'tls' ? 'tls' : 'tcp',
    ca: fields.textOrNull('ca'),
    kinds: readKinds(fields),
    audit: fields.yes('audit'),
    facility: fields.number('facility'),
  };
}

function readState(value: unknown): NonNullable<Syslog['state']> {
  const fields = new Fields(value);
  return {
    connected: fields.yes('connected'),
    cursor: fields.number('cursor'),
    behind: fields.number('behind'),
    auditBehind: fields.number('auditBehind'),
    lastError: fields.textOrNull('lastError'),
    changedAt: fields.numberOrNull('changedAt'),
  };
}

/** A newer server may know kinds that this client has no name for. */
function readKinds(fields: Fields): EventKind[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- shown and given back, never decided upon
  return fields.list('kinds') as EventKind[];
}
