/** Generated from events.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';
import { guardReasonShape } from './guard.shape.ts';
import type { GuardReason } from './guard.shape.ts';

export interface EndedCommand {
  id: number;
  agent: string;
  hostName: string;
  act: string;
  requestedBy: string;
  requestedAt: Milliseconds;
  /** Why it failed; null for one that is done. */
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

export interface CanaryHalted {
  type: 'ip' | 'url' | 'domain' | 'file_sha1' | 'file';
  content: string;
  message: string;
}
export const canaryHaltedShape: Shape<CanaryHalted> = object({
  type: oneOf(['ip', 'url', 'domain', 'file_sha1', 'file']),
  content: text({ min: 1, max: 2047 }),
  message: text(),
});

export interface EndpointTampering {
  agent: string;
  hostName: string;
  count: Count;
}
export const endpointTamperingShape: Shape<EndpointTampering> = object({
  agent: text(),
  hostName: text(),
  count: countShape,
});

export interface EndpointReleasedItself {
  agent: string;
  hostName: string;
  by: string;
  at: Milliseconds;
}
export const endpointReleasedItselfShape: Shape<EndpointReleasedItself> = object({
  agent: text(),
  hostName: text(),
  by: text(),
  at: millisecondsShape,
});

export interface BreakGlassShown {
  agent: string;
  hostName: string;
  shownTo: string;
}
export const breakGlassShownShape: Shape<BreakGlassShown> = object({
  agent: text(),
  hostName: text(),
  shownTo: text(),
});

export interface WebhookFailing {
  id: string;
  name: string;
  error: string;
}
export const webhookFailingShape: Shape<WebhookFailing> = object({
  id: text(),
  name: text(),
  error: text(),
});

export interface TestEvent {
  requestedBy: string;
}
export const testEventShape: Shape<TestEvent> = object({
  requestedBy: text(),
});
