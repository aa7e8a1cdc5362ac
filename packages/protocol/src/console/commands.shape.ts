/** Generated from commands.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, nullable, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** One act on one agent, and its result. */
export interface CommandRecord {
  id: number;
  agent: string;
  hostName: string;
  act: string;
  requestedBy: string;
  requestedAt: Milliseconds;
  state: 'pending' | 'done' | 'failed' | 'superseded';
  /** Why it failed, or what superseded it. */
  outcome: string | null;
  finishedAt: Milliseconds | null;
}
export const commandRecordShape: Shape<CommandRecord> = object({
  id: integer(),
  agent: text(),
  hostName: text(),
  act: text(),
  requestedBy: text(),
  requestedAt: millisecondsShape,
  state: oneOf(['pending', 'done', 'failed', 'superseded'], 'pending'),
  outcome: nullable(text()),
  finishedAt: nullable(millisecondsShape),
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
