/** Generated from approvals.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';
import { guardReasonShape } from './guard.shape.ts';
import type { GuardReason } from './guard.shape.ts';

/** An act that the guard holds until a second person decides. */
export interface Approval {
  id: number;
  act: string;
  requestedBy: string;
  requestedAt: Milliseconds;
  expiresAt: Milliseconds;
  reasons: GuardReason[];
  /** JSON of the terms: `forSeconds`, `profile`, `message`. */
  terms: string;
  /** Why, in the requester's words. */
  reason: string;
  agents: number;
  /** Host names of the first of them. */
  hostNames: string[];
  state: 'pending' | 'approved' | 'rejected' | 'expired';
  decidedBy: string | null;
  decidedAt: Milliseconds | null;
}
export const approvalShape: Shape<Approval> = object({
  id: integer(),
  act: text(),
  requestedBy: text(),
  requestedAt: millisecondsShape,
  expiresAt: millisecondsShape,
  reasons: list(guardReasonShape),
  terms: text(),
  reason: text(),
  agents: integer(),
  hostNames: list(text()),
  state: oneOf(['pending', 'approved', 'rejected', 'expired'], 'pending'),
  decidedBy: nullable(text()),
  decidedAt: nullable(millisecondsShape),
});

export interface ApprovalList {
  approvals: Approval[];
}
export const approvalListShape: Shape<ApprovalList> = object({
  approvals: list(approvalShape),
});
