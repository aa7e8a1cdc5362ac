/** Commands: one act on one agent, and its result. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';

/** What came of one act on one agent. */
export const CommandRecord = Type.Object({
  id: Type.Integer(),
  agent: Type.String(),
  hostName: Type.String(),
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  state: Type.Enum(['pending', 'done', 'failed', 'superseded'], { unknown: 'pending' }),
  /** Why it failed, or by what it was superseded. */
  outcome: Nullable(Type.String()),
  finishedAt: Nullable(Milliseconds),
});

export const CommandList = Type.Object({
  commands: Type.Array(CommandRecord),
  /** Ask for what is `before` this; null when there is no more. */
  next: Nullable(Type.Integer()),
});
