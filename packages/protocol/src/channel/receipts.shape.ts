/** Generated from receipts.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, object } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { guidShape, millisecondsShape } from './scalars.shape.ts';
import type { Guid, Milliseconds } from './scalars.shape.ts';
import { taskIdShape } from './tasks.shape.ts';
import type { TaskId } from './tasks.shape.ts';

/** Every detection of this spool up to this sequence is stored. */
export interface DetectionsReceipt {
  agent: Guid;
  enrolment: Guid;
  /** As in the batch. A new spool counts from 1 again; this receipt is not about it. */
  spool: Guid;
  sequence: number;
}
export const detectionsReceiptShape: Shape<DetectionsReceipt> = object({
  agent: guidShape,
  enrolment: guidShape,
  spool: guidShape,
  sequence: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

/** The result of this task, as the progress with this `at` reported it, is stored. */
export interface ProgressReceipt {
  agent: Guid;
  enrolment: Guid;
  task: TaskId;
  at: Milliseconds;
}
export const progressReceiptShape: Shape<ProgressReceipt> = object({
  agent: guidShape,
  enrolment: guidShape,
  task: taskIdShape,
  at: millisecondsShape,
});
