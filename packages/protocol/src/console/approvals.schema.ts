/** Acts that the guard holds until a second person decides. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { HeldAct } from './events.schema.ts';

/** An act that the guard holds until a second person decides. */
export const Approval = Type.Object({
  ...HeldAct.properties,
  requestedAt: Milliseconds,
  /** JSON of the terms: `forSeconds`, `profile`, `message`. */
  terms: Type.String(),
  state: Type.Enum(['pending', 'approved', 'rejected', 'expired'], { unknown: 'pending' }),
  decidedAt: Nullable(Milliseconds),
});

export const ApprovalList = Type.Object({ approvals: Type.Array(Approval) });
