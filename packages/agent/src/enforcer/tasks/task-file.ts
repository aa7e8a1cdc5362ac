/** `tasks.json`: the unfinished tasks, and the results of the last ones. Only root here can write it. */
import { writeDurably } from '../../fs/durable.ts';
import { valueIn } from '../../fs/durable.ts';
import { fits } from '@cordon/protocol/shape';
import { rememberedListShape } from './task-file.shape.ts';
import type { Remembered } from './task-file.shape.ts';

export type { Remembered } from './task-file.shape.ts';

/** Oldest first; none when there is no such file, or half of one. */
export function readTasks(path: string): Remembered[] {
  const value = valueIn(path);
  return fits(rememberedListShape, value) ? value : [];
}

export function writeTasks(path: string, tasks: readonly Remembered[]): void {
  writeDurably(path, JSON.stringify(tasks));
}

export function isFinished({ progress }: Pick<Remembered, 'progress'>): boolean {
  return progress !== null && progress.state !== 'running';
}
