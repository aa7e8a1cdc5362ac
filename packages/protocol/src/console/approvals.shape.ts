/** Generated from approvals.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { fieldsOf, list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { heldActShape } from './events.shape.ts';
import type { HeldAct } from './events.shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** An act that the guard holds until a second person decides. */
export interface Approval extends HeldAct {
  requestedAt: Milliseconds;
  /** JSON of the terms: `forSeconds`, `profile`, `message`. */
  terms: string;
  state: 'pending' | 'approved' | 'rejected' | 'expired';
  decidedAt: Milliseconds | null;
}
export const approvalShape: Shape<Approval> = object({
  ...fieldsOf(heldActShape),
  requestedAt: millisecondsShape,
  terms: text(),
  state: oneOf(['pending', 'approved', 'rejected', 'expired'], 'pending'),
  decidedAt: nullable(millisecondsShape),
});

export interface ApprovalList {
  approvals: Approval[];
}
export const approvalListShape: Shape<ApprovalList> = object({ approvals: list(approvalShape) });
