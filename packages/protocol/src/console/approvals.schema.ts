/** Acts that the guard holds until a second person decides. */
import { Type } from 'typebox';
import { Milliseconds } from '../channel/scalars.schema.ts';
import { GuardReason } from './guard.schema.ts';

/** An act that the guard holds until a second person decides. */
export const Approval = Type.Object({
  id: Type.Integer(),
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  expiresAt: Milliseconds,
  reasons: Type.Array(GuardReason),
  /** JSON of the terms: `forSeconds`, `profile`, `message`. */
  terms: Type.String(),
  /** Why, in the requester's words. */
  reason: Type.String(),
  agents: Type.Integer(),
  /** Host names of the first of them. */
  hostNames: Type.Array(Type.String()),
  state: Type.Enum(['pending', 'approved', 'rejected', 'expired'], { unknown: 'pending' }),
  decidedBy: Type.Union([Type.String(), Type.Null()]),
  decidedAt: Type.Union([Milliseconds, Type.Null()]),
});

export const ApprovalList = Type.Object({ approvals: Type.Array(Approval) });
