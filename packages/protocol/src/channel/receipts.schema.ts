/** Receipts: the server has stored something, so the agent may forget it. Signed with the signing key. */
import { Type } from 'typebox';
import { TaskId } from './tasks.schema.ts';
import { Guid, Milliseconds } from './scalars.schema.ts';

/** Every detection of this spool up to this sequence is stored. */
export const DetectionsReceipt = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** As in the batch. A new spool counts from 1 again; this receipt is not about it. */
  spool: Guid,
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});

/** The result of this task, as the progress with this `at` reported it, is stored. */
export const ProgressReceipt = Type.Object({ agent: Guid, enrolment: Guid, task: TaskId, at: Milliseconds });
