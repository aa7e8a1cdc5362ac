/** What a server tells others: events, the webhooks that are called with them, and the syslog collector they go to. */
import { Type } from 'typebox';
import type { Static, TNull, TSchema, TUnion } from 'typebox';
import { ObjectName } from '../channel/objects.ts';
import { GuardReason } from './containment.ts';
import { DetectionRecord } from './objects.ts';

const Milliseconds = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });
const Nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);
const endpoint = { agent: Type.String(), hostName: Type.String() };

const EndedCommand = Type.Object({
  id: Type.Integer(),
  ...endpoint,
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  /** Why it failed; null for one that is done. */
  outcome: Nullable(Type.String()),
  finishedAt: Nullable(Milliseconds),
});

const HeldAct = Type.Object({
  id: Type.Integer(),
  act: Type.String(),
  requestedBy: Type.String(),
  /** Why, in the asker's words. */
  reason: Type.String(),
  reasons: Type.Array(GuardReason),
  agents: Count,
  /** Host names of the first of them. */
  hostNames: Type.Array(Type.String()),
  expiresAt: Milliseconds,
  /** Null while it waits. */
  decidedBy: Nullable(Type.String()),
});

/** What happens that others may want to hear of, and what is told of each. */
export const eventBodies = {
  /** An agent has met a suspicious object. */
  detection: DetectionRecord,
  /** More agents than foreseen met an object, so it is only logged now. */
  'canary.halted': Type.Object({ ...ObjectName.properties, message: Type.String() }),
  /** An endpoint's kernel holds what was asked for. */
  'command.done': EndedCommand,
  'command.failed': EndedCommand,
  /** The guard holds an act until a second person decides. */
  'approval.held': HeldAct,
  'approval.approved': HeldAct,
  'approval.rejected': HeldAct,
  /** Somebody changed the isolation's rules; it was undone. */
  'endpoint.tampering': Type.Object({ ...endpoint, count: Count }),
  /** An isolation ended without the server: by its deadline, or by a code typed there. */
  'endpoint.released-itself': Type.Object({ ...endpoint, by: Type.String(), at: Milliseconds }),
  /** A person was shown the code that lifts an isolation. */
  'break-glass.shown': Type.Object({ ...endpoint, shownTo: Type.String() }),
  /** A webhook could not be called for a day. */
  'webhook.failing': Type.Object({ id: Type.String(), name: Type.String(), error: Type.String() }),
  /** A person asked whether anything arrives at all. */
  test: Type.Object({ requestedBy: Type.String() }),
} as const;
export type EventKind = keyof typeof eventBodies;
export type EventBody<Kind extends EventKind> = Static<(typeof eventBodies)[Kind]>;

/** An event to be told: its kind, and the body that goes with that kind. */
export type Happening = { [Kind in EventKind]: { kind: Kind; at: number; body: EventBody<Kind> } }[EventKind];

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
export const eventKinds = Object.keys(eventBodies) as EventKind[];

/** What a webhook is called with, as JSON; the headers sign it (docs/operating/notifications.md). */
export interface WebhookCall {
  /** Grows from event to event. A `test` has 0. */
  readonly id: number;
  readonly type: EventKind;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

const Kind = Type.Enum(eventKinds);
/** Which events go there; an empty list is all of them. */
const Kinds = Type.Array(Kind, { maxItems: 32 });
const Pem = Type.String({ minLength: 1, maxLength: 65_536 });

export const Webhook = Type.Object({
  id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  kinds: Kinds,
  enabled: Type.Boolean(),
  /** Certificates (PEM) that its certificate must lead to; null for those that this machine trusts. */
  ca: Nullable(Type.String()),
  /** Plain HTTP to another machine was allowed by whoever added it. */
  allowPlain: Type.Boolean(),
  createdBy: Type.String(),
  createdAt: Milliseconds,
  /** `retrying` since the last call failed; `failing` after a day of that. Nothing is left out: it is tried on. */
  state: Type.Union([Type.Literal('working'), Type.Literal('retrying'), Type.Literal('failing')]),
  /** Id of the last event that arrived there. */
  cursor: Count,
  /** Events that it has yet to be called with, of all kinds. */
  behind: Count,
  failingSince: Nullable(Milliseconds),
  nextAttemptAt: Nullable(Milliseconds),
  lastError: Nullable(Type.String()),
  deliveredAt: Nullable(Milliseconds),
});
export type Webhook = Static<typeof Webhook>;
export const WebhookList = Type.Object({ webhooks: Type.Array(Webhook) });
export type WebhookList = Static<typeof WebhookList>;

/** POST webhooks. */
export const AddWebhook = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  url: Type.String({ minLength: 1, maxLength: 2000 }),
  kinds: Type.Optional(Kinds),
  enabled: Type.Optional(Type.Boolean()),
  ca: Type.Optional(Nullable(Pem)),
  allowPlain: Type.Optional(Type.Boolean()),
});
export type AddWebhook = Static<typeof AddWebhook>;

/** PATCH webhooks/{id}. */
export const ChangeWebhook = Type.Partial(AddWebhook);
export type ChangeWebhook = Static<typeof ChangeWebhook>;

/** POST webhooks, and POST webhooks/{id}/rotate: the secret is in this answer only. */
export const WebhookWithSecret = Type.Object({
  webhook: Webhook,
  /** `whsec_` and base64, as libraries of Standard Webhooks take it. */
  secret: Type.String(),
});
export type WebhookWithSecret = Static<typeof WebhookWithSecret>;

/** One call of a webhook, and what came of it. */
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
export type Delivery = Static<typeof Delivery>;
/** GET webhooks/{id}/deliveries: the last 100, the newest first. POST webhooks/{id}/test: the one that was made. */
export const DeliveryList = Type.Object({ deliveries: Type.Array(Delivery) });
export type DeliveryList = Static<typeof DeliveryList>;

/** POST webhooks/{id}/replay: calls it again with everything from that event, or that moment, on. One of the two. */
export const ReplayWebhook = Type.Object({
  fromEvent: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  since: Type.Optional(Milliseconds),
});
export type ReplayWebhook = Static<typeof ReplayWebhook>;
export const Replayed = Type.Object({
  /** The first event that it will be called with; null when there is none. */
  from: Nullable(Type.Integer()),
  /** Events that are there from then on, of its kinds. */
  events: Count,
});
export type Replayed = Static<typeof Replayed>;

/** PUT syslog: RFC 5424 lines with a message in CEF, octets counted (RFC 6587, RFC 5425). */
export const SyslogSettings = Type.Object({
  host: Type.String({ minLength: 1, maxLength: 255 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  protocol: Type.Union([Type.Literal('tcp'), Type.Literal('tls')]),
  /** Certificates (PEM) that the collector's must lead to; null for those that this machine trusts. */
  ca: Nullable(Pem),
  kinds: Kinds,
  /** The lines of the audit as well. */
  audit: Type.Boolean(),
  /** RFC 5424, 6.2.1: 16 is local0. */
  facility: Type.Integer({ minimum: 0, maximum: 23 }),
});
export type SyslogSettings = Static<typeof SyslogSettings>;

/** GET syslog. Everything is null until it is set. */
export const Syslog = Type.Object({
  settings: Nullable(SyslogSettings),
  state: Nullable(
    Type.Object({
      connected: Type.Boolean(),
      /** Id of the last event that counts as arrived. */
      cursor: Count,
      behind: Count,
      /** Lines of the audit that are still to be sent. */
      auditBehind: Count,
      lastError: Nullable(Type.String()),
      /** When it was connected, or failed. */
      changedAt: Nullable(Milliseconds),
    }),
  ),
});
export type Syslog = Static<typeof Syslog>;

/** POST syslog/test: what came of one line sent over a connection of its own. */
export const SyslogTest = Type.Object({ sent: Type.Boolean(), error: Nullable(Type.String()) });
export type SyslogTest = Static<typeof SyslogTest>;
