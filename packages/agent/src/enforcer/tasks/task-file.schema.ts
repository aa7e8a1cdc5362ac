/** The tasks that the enforcer remembers. */
import { Type } from 'typebox';
import { maxTasks } from './max-tasks.ts';
import { Progress, TaskId, TaskWork } from '@cordon/protocol/channel/schemas';

export const Remembered = Type.Object({
  task: TaskId,
  work: TaskWork,
  /** The newest; null before the first. Its state says whether the task is finished. */
  progress: Type.Union([Type.Omit(Progress, ['agent', 'enrolment']), Type.Null()]),
  /** Whether the server has recorded the result. */
  recorded: Type.Boolean(),
});

export const RememberedList = Type.Array(Remembered, { maxItems: maxTasks });
