/** `tasks.json`: the tasks that are not finished, and what came of the last ones. Whoever can write it is root here. */
import { Progress, TaskId, TaskWork } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { writeDurably } from '../../fs/durable.ts';
import { valueIn } from '../../fs/durable.ts';

/** Of which those that are recorded give way first. */
export const maxTasks = 100;

const Remembered = Type.Object({
  task: TaskId,
  work: TaskWork,
  /** The newest; null before the first. Its state says whether the task is finished. */
  progress: Type.Union([Type.Omit(Progress, ['agent', 'enrolment']), Type.Null()]),
  /** That what came of it is with the server. */
  recorded: Type.Boolean(),
});
export type Remembered = Static<typeof Remembered>;

const shape = Compile(Type.Array(Remembered, { maxItems: maxTasks }));

/** Oldest first; none when there is no such file, or half of one. */
export function readTasks(path: string): Remembered[] {
  const value = valueIn(path);
  return shape.Check(value) ? value : [];
}

export function writeTasks(path: string, tasks: readonly Remembered[]): void {
  writeDurably(path, JSON.stringify(tasks));
}

export function isFinished({ progress }: Pick<Remembered, 'progress'>): boolean {
  return progress !== null && progress.state !== 'running';
}
