/** Receipts: the server's word that something is stored for good, upon which the agent may forget it. Signed with the order key. */
import { Type } from 'typebox';
import { TaskId } from './tasks.schema.ts';
import { Guid, Milliseconds } from './scalars.schema.ts';

/** Every detection of this spool up to this sequence is stored. */
export const DetectionsReceipt = Type.Object({
  agent: Guid,
  enrolment: Guid,
  /** As the batch named it: a spool that was begun anew counts from 1 again, and nothing of it is meant here. */
  spool: Guid,
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});

/** What came of this task, as the progress with this `at` tells it, is stored. */
export const ProgressReceipt = Type.Object({ agent: Guid, enrolment: Guid, task: TaskId, at: Milliseconds });
