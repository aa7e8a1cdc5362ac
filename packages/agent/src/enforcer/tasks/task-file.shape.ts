/** Generated from task-file.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, list, nullable, object, oneOf, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { copyShape, countShape, millisecondsShape, taskIdShape, taskWorkShape } from '@cordon/protocol/channel';
import type { Copy, Count, Milliseconds, TaskId, TaskWork } from '@cordon/protocol/channel';

export interface Remembered {
  task: TaskId;
  work: TaskWork;
  /** The newest; null before the first. Its state says whether the task is finished. */
  progress: {
    task: TaskId;
    kind: string;
    at: Milliseconds;
    state: 'running' | 'done' | 'failed' | 'cancelled';
    /** Files examined, and how many there are; null until that is known. */
    files: Count;
    of: Count | null;
    /** Bytes read; a file whose digest is cached costs none. */
    bytes: Count;
    /** Files that could not be read. */
    unreadable: Count;
    /** Copies found (the first are in `copies`), files restored, or processes ended. */
    found: Count;
    copies: Copy[];
    /** What did not work, or a remark. */
    message: string | null;
  } | null;
  /** Whether the server has recorded the result. */
  recorded: boolean;
}
export const rememberedShape: Shape<Remembered> = object({
  task: taskIdShape,
  work: taskWorkShape,
  progress: nullable(
    object({
      task: taskIdShape,
      kind: text({ max: 32 }),
      at: millisecondsShape,
      state: oneOf(['running', 'done', 'failed', 'cancelled']),
      files: countShape,
      of: nullable(countShape),
      bytes: countShape,
      unreadable: countShape,
      found: countShape,
      copies: list(copyShape, { max: 100 }),
      message: nullable(text({ max: 1000 })),
    }),
  ),
  recorded: boolean(),
});

export type RememberedList = Remembered[];
export const rememberedListShape: Shape<RememberedList> = list(rememberedShape, { max: 100 });
