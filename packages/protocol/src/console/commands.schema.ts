/** Commands: one act on one agent, and its result. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';

/** One act on one agent, and its result. */
export const CommandRecord = Type.Object({
  id: Type.Integer(),
  agent: Type.String(),
  hostName: Type.String(),
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  state: Type.Enum(['pending', 'done', 'failed', 'superseded'], { unknown: 'pending' }),
  /** Why it failed, or what superseded it. */
  outcome: Nullable(Type.String()),
  finishedAt: Nullable(Milliseconds),
});

export const CommandList = Type.Object({
  commands: Type.Array(CommandRecord),
  /** Pass it as `before` for the next page; null at the end. */
  next: Nullable(Type.Integer()),
});
