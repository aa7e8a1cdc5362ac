/** Generated from notifications.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, list, nullable, object, oneOf, openOneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** Which events go there; an empty list is all of them. */
export type EventKinds = (
  | 'detection'
  | 'canary.halted'
  | 'command.done'
  | 'command.failed'
  | 'approval.held'
  | 'approval.approved'
  | 'approval.rejected'
  | 'endpoint.tampering'
  | 'endpoint.released-itself'
  | 'break-glass.shown'
  | 'webhook.failing'
  | 'test'
)[];
export const eventKindsShape: Shape<EventKinds> = list(
  openOneOf([
    'detection',
    'canary.halted',
    'command.done',
    'command.failed',
    'approval.held',
    'approval.approved',
    'approval.rejected',
    'endpoint.tampering',
    'endpoint.released-itself',
    'break-glass.shown',
    'webhook.failing',
    'test',
  ]),
  { max: 32 },
);

export interface Webhook {
  id: string;
  name: string;
  url: string;
  kinds: EventKinds;
  enabled: boolean;
  /** Authorities (PEM) that must have signed its certificate; null for those that this machine trusts. */
  ca: string | null;
  /** Whether plain HTTP to another machine is allowed. */
  allowPlain: boolean;
  createdBy: string;
  createdAt: Milliseconds;
  /** `retrying` since the last call failed; `failing` after a day of that. Retries go on; no event is skipped. */
  state: 'working' | 'retrying' | 'failing';
  /** ID of the last event that was delivered. */
  cursor: Count;
  /** Events of all kinds that are not delivered yet. */
  behind: Count;
  failingSince: Milliseconds | null;
  nextAttemptAt: Milliseconds | null;
  lastError: string | null;
  deliveredAt: Milliseconds | null;
}
export const webhookShape: Shape<Webhook> = object({
  id: text(),
  name: text(),
  url: text(),
  kinds: eventKindsShape,
  enabled: boolean(),
  ca: nullable(text()),
  allowPlain: boolean(),
  createdBy: text(),
  createdAt: millisecondsShape,
  state: oneOf(['working', 'retrying', 'failing'], 'working'),
  cursor: countShape,
  behind: countShape,
  failingSince: nullable(millisecondsShape),
  nextAttemptAt: nullable(millisecondsShape),
  lastError: nullable(text()),
  deliveredAt: nullable(millisecondsShape),
});

export interface WebhookList {
  webhooks: Webhook[];
}
export const webhookListShape: Shape<WebhookList> = object({ webhooks: list(webhookShape) });

/** POST webhooks. */
export interface AddWebhook {
  name: string;
  url: string;
  kinds?: EventKinds;
  enabled?: boolean;
  ca?: string | null;
  allowPlain?: boolean;
}

/** PATCH webhooks/{id}. */
export interface ChangeWebhook {
  name?: string;
  url?: string;
  kinds?: (
    | 'detection'
    | 'canary.halted'
    | 'command.done'
    | 'command.failed'
    | 'approval.held'
    | 'approval.approved'
    | 'approval.rejected'
    | 'endpoint.tampering'
    | 'endpoint.released-itself'
    | 'break-glass.shown'
    | 'webhook.failing'
    | 'test'
  )[];
  enabled?: boolean;
  ca?: string | null;
  allowPlain?: boolean;
}

/** POST webhooks, and POST webhooks/{id}/rotate: the secret is in this answer only. */
export interface WebhookWithSecret {
  webhook: Webhook;
  /** `whsec_` and base64, as libraries of Standard Webhooks take it. */
  secret: string;
}
export const webhookWithSecretShape: Shape<WebhookWithSecret> = object({ webhook: webhookShape, secret: text() });

/** One call of a webhook, and its result. */
export interface Delivery {
  id: number;
  /** 0 for a test. */
  event: Count;
  kind: string;
  at: Milliseconds;
  attempt: Count;
  /** What the receiver answered; null when it did not. */
  status: number | null;
  milliseconds: Count;
  /** Null when it arrived. */
  error: string | null;
}
export const deliveryShape: Shape<Delivery> = object({
  id: integer(),
  event: countShape,
  kind: text(),
  at: millisecondsShape,
  attempt: countShape,
  status: nullable(integer()),
  milliseconds: countShape,
  error: nullable(text()),
});

/** GET webhooks/{id}/deliveries: the last 100, newest first. POST webhooks/{id}/test: the one just made. */
export interface DeliveryList {
  deliveries: Delivery[];
}
export const deliveryListShape: Shape<DeliveryList> = object({ deliveries: list(deliveryShape) });

/** POST webhooks/{id}/replay: calls it again with everything since an event or a moment. One of the two. */
export interface ReplayWebhook {
  fromEvent?: number;
  since?: Milliseconds;
}

export interface Replayed {
  /** The first event that it is called with; null when there is none. */
  from: number | null;
  /** How many events of its kinds there are from then on. */
  events: Count;
}
export const replayedShape: Shape<Replayed> = object({ from: nullable(integer()), events: countShape });

/** PUT syslog: RFC 5424 lines with a message in CEF, octets counted (RFC 6587, RFC 5425). */
export interface SyslogSettings {
  host: string;
  port: number;
  protocol: 'tcp' | 'tls';
  /** Authorities (PEM) that must have signed the collector's certificate; null for those that this machine trusts. */
  ca: string | null;
  kinds: EventKinds;
  /** The lines of the audit as well. */
  audit: boolean;
  /** RFC 5424, 6.2.1: 16 is local0. */
  facility: number;
}
export const syslogSettingsShape: Shape<SyslogSettings> = object({
  host: text({ min: 1, max: 255 }),
  port: integer({ min: 1, max: 65_535 }),
  protocol: oneOf(['tcp', 'tls'], 'tcp'),
  ca: nullable(text({ min: 1, max: 65_536 })),
  kinds: eventKindsShape,
  audit: boolean(),
  facility: integer({ min: 0, max: 23 }),
});

/** GET syslog. Everything is null until it is set. */
export interface Syslog {
  settings: SyslogSettings | null;
  state: {
    connected: boolean;
    /** ID of the last event that counts as delivered. */
    cursor: Count;
    behind: Count;
    /** Audit lines that are not sent yet. */
    auditBehind: Count;
    lastError: string | null;
    /** When it was connected, or failed. */
    changedAt: Milliseconds | null;
  } | null;
}
export const syslogShape: Shape<Syslog> = object({
  settings: nullable(syslogSettingsShape),
  state: nullable(
    object({
      connected: boolean(),
      cursor: countShape,
      behind: countShape,
      auditBehind: countShape,
      lastError: nullable(text()),
      changedAt: nullable(millisecondsShape),
    }),
  ),
});

/** POST syslog/test: the result of one line sent over its own connection. */
export interface SyslogTest {
  sent: boolean;
  error: string | null;
}
export const syslogTestShape: Shape<SyslogTest> = object({ sent: boolean(), error: nullable(text()) });
