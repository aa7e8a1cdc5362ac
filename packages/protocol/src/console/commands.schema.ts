/** Commands: one act on one agent, and its result. */
import { Type } from 'typebox';
import { Nullable } from '../channel/scalars.schema.ts';
import { EndedCommand } from './events.schema.ts';

/** One act on one agent, and its result. */
export const CommandRecord = Type.Object({
  ...EndedCommand.properties,
  state: Type.Enum(['pending', 'done', 'failed', 'superseded'], { unknown: 'pending' }),
});

export const CommandList = Type.Object({
  commands: Type.Array(CommandRecord),
  /** Pass it as `before` for the next page; null at the end. */
  next: Nullable(Type.Integer()),
});
