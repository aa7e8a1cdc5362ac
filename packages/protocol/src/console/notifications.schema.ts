/** Webhooks and the syslog collector. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { eventKinds } from './events.ts';

/** A client shows and returns kinds that it does not know. */
const Kind = Type.Enum([...eventKinds], { open: true });

/** Which events go there; an empty list is all of them. */
export const EventKinds = Type.Array(Kind, { maxItems: 32 });

const Pem = Type.String({ minLength: 1, maxLength: 65_536 });

export const Webhook = Type.Object({
  id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  kinds: EventKinds,
  enabled: Type.Boolean(),
  /** Authorities (PEM) that must have signed its certificate; null for those that this machine trusts. */
  ca: Nullable(Type.String()),
  /** Whether plain HTTP to another machine is allowed. */
  allowPlain: Type.Boolean(),
  createdBy: Type.String(),
  createdAt: Milliseconds,
  /** `retrying` since the last call failed; `failing` after a day of that. Retries go on; no event is skipped. */
  state: Type.Enum(['working', 'retrying', 'failing'], { unknown: 'working' }),
  /** ID of the last event that was delivered. */
  cursor: Count,
  /** Events of all kinds that are not delivered yet. */
  behind: Count,
  failingSince: Nullable(Milliseconds),
  nextAttemptAt: Nullable(Milliseconds),
  lastError: Nullable(Type.String()),
  deliveredAt: Nullable(Milliseconds),
});

export const WebhookList = Type.Object({ webhooks: Type.Array(Webhook) });

/** POST webhooks. */
export const AddWebhook = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  url: Type.String({ minLength: 1, maxLength: 2000 }),
  kinds: Type.Optional(EventKinds),
  enabled: Type.Optional(Type.Boolean()),
  ca: Type.Optional(Nullable(Pem)),
  allowPlain: Type.Optional(Type.Boolean()),
});

/** PATCH webhooks/{id}. */
export const ChangeWebhook = Type.Partial(AddWebhook);

/** POST webhooks, and POST webhooks/{id}/rotate: the secret is in this answer only. */
export const WebhookWithSecret = Type.Object({
  webhook: Webhook,
  /** `whsec_` and base64, as libraries of Standard Webhooks take it. */
  secret: Type.String(),
});

/** One call of a webhook, and its result. */
export const Delivery = Type.Object({
  id: Type.Integer(),
  /** 0 for a test. */
  event: Count,
  kind: Type.String(),
  at: Milliseconds,
  attempt: Count,
  /** What the receiver answered; null when it did not. */
  status: Nullable(Type.Integer()),
  milliseconds: Count,
  /** Null when it arrived. */
  error: Nullable(Type.String()),
});

/** GET webhooks/{id}/deliveries: the last 100, newest first. POST webhooks/{id}/test: the one just made. */
export const DeliveryList = Type.Object({ deliveries: Type.Array(Delivery) });

/** POST webhooks/{id}/replay: calls it again with everything since an event or a moment. One of the two. */
export const ReplayWebhook = Type.Object({
  fromEvent: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  since: Type.Optional(Milliseconds),
});

export const Replayed = Type.Object({
  /** The first event that it is called with; null when there is none. */
  from: Nullable(Type.Integer()),
  /** How many events of its kinds there are from then on. */
  events: Count,
});

/** PUT syslog: RFC 5424 lines with a message in CEF, octets counted (RFC 6587, RFC 5425). */
export const SyslogSettings = Type.Object({
  host: Type.String({ minLength: 1, maxLength: 255 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  protocol: Type.Enum(['tcp', 'tls'], { unknown: 'tcp' }),
  /** Authorities (PEM) that must have signed the collector's certificate; null for those that this machine trusts. */
  ca: Nullable(Pem),
  kinds: EventKinds,
  /** The lines of the audit as well. */
  audit: Type.Boolean(),
  /** RFC 5424, 6.2.1: 16 is local0. */
  facility: Type.Integer({ minimum: 0, maximum: 23 }),
});

/** GET syslog. Everything is null until it is set. */
export const Syslog = Type.Object({
  settings: Nullable(SyslogSettings),
  state: Nullable(
    Type.Object({
      connected: Type.Boolean(),
      /** ID of the last event that counts as delivered. */
      cursor: Count,
      behind: Count,
      /** Audit lines that are not sent yet. */
      auditBehind: Count,
      lastError: Nullable(Type.String()),
      /** When it was connected, or failed. */
      changedAt: Nullable(Milliseconds),
    }),
  ),
});

/** POST syslog/test: the result of one line sent over its own connection. */
export const SyslogTest = Type.Object({ sent: Type.Boolean(), error: Nullable(Type.String()) });
