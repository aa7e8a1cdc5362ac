/** The events that webhooks and syslog get: one body for each kind. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { ObjectName } from '../channel/objects.schema.ts';
import { GuardReason } from './guard.schema.ts';

const endpoint = { agent: Type.String(), hostName: Type.String() };

export const EndedCommand = Type.Object({
  id: Type.Integer(),
  ...endpoint,
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  /** Why it failed, or what superseded it; null for one that is done. */
  outcome: Nullable(Type.String()),
  finishedAt: Nullable(Milliseconds),
});

export const HeldAct = Type.Object({
  id: Type.Integer(),
  act: Type.String(),
  requestedBy: Type.String(),
  /** Why, in the requester's words. */
  reason: Type.String(),
  reasons: Type.Array(GuardReason),
  agents: Count,
  /** Host names of the first of them. */
  hostNames: Type.Array(Type.String()),
  expiresAt: Milliseconds,
  /** Null while it is pending. */
  decidedBy: Nullable(Type.String()),
});

export const CanaryHalted = Type.Object({ ...ObjectName.properties, message: Type.String() });
export const EndpointTampering = Type.Object({ ...endpoint, count: Count });
export const EndpointReleasedItself = Type.Object({ ...endpoint, by: Type.String(), at: Milliseconds });
export const BreakGlassShown = Type.Object({ ...endpoint, shownTo: Type.String() });
export const WebhookFailing = Type.Object({ id: Type.String(), name: Type.String(), error: Type.String() });
export const TestEvent = Type.Object({ requestedBy: Type.String() });
