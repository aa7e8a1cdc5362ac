/** Generated from commands.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { fieldsOf, integer, list, nullable, object, oneOf } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { endedCommandShape } from './events.shape.ts';
import type { EndedCommand } from './events.shape.ts';

/** One act on one agent, and its result. */
export interface CommandRecord extends EndedCommand {
  state: 'pending' | 'done' | 'failed' | 'superseded';
}
export const commandRecordShape: Shape<CommandRecord> = object({
  ...fieldsOf(endedCommandShape),
  state: oneOf(['pending', 'done', 'failed', 'superseded'], 'pending'),
});

export interface CommandList {
  commands: CommandRecord[];
  /** Pass it as `before` for the next page; null at the end. */
  next: number | null;
}
export const commandListShape: Shape<CommandList> = object({
  commands: list(commandRecordShape),
  next: nullable(integer()),
});
