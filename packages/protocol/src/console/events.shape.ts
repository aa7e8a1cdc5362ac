/** Generated from events.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';
import { guardReasonShape } from './guard.shape.ts';
import type { GuardReason } from './guard.shape.ts';
import type { ObjectName } from '../channel/objects.shape.ts';

export interface EndedCommand {
  id: number;
  agent: string;
  hostName: string;
  act: string;
  requestedBy: string;
  requestedAt: Milliseconds;
  /** Why it failed, or what superseded it; null for one that is done. */
  outcome: string | null;
  finishedAt: Milliseconds | null;
}
export const endedCommandShape: Shape<EndedCommand> = object({
  id: integer(),
  agent: text(),
  hostName: text(),
  act: text(),
  requestedBy: text(),
  requestedAt: millisecondsShape,
  outcome: nullable(text()),
  finishedAt: nullable(millisecondsShape),
});

export interface HeldAct {
  id: number;
  act: string;
  requestedBy: string;
  /** Why, in the requester's words. */
  reason: string;
  reasons: GuardReason[];
  agents: Count;
  /** Host names of the first of them. */
  hostNames: string[];
  expiresAt: Milliseconds;
  /** Null while it is pending. */
  decidedBy: string | null;
}
export const heldActShape: Shape<HeldAct> = object({
  id: integer(),
  act: text(),
  requestedBy: text(),
  reason: text(),
  reasons: list(guardReasonShape),
  agents: countShape,
  hostNames: list(text()),
  expiresAt: millisecondsShape,
  decidedBy: nullable(text()),
});

export interface CanaryHalted extends ObjectName {
  message: string;
}

export interface EndpointTampering {
  agent: string;
  hostName: string;
  count: Count;
}

export interface EndpointReleasedItself {
  agent: string;
  hostName: string;
  by: string;
  at: Milliseconds;
}

export interface BreakGlassShown {
  agent: string;
  hostName: string;
  shownTo: string;
}

export interface WebhookFailing {
  id: string;
  name: string;
  error: string;
}

export interface TestEvent {
  requestedBy: string;
}
