/** The progress of a task: how many of its endpoints have finished. */
import type { JSX } from 'preact';
import type { FleetTask } from '@cordon/protocol/console';
import { titleOf } from './task-text.ts';

export function TaskProgress({ task }: { task: FleetTask }): JSX.Element {
  const over = task.done + task.failed;
  return (
    <span class="progress">
      <progress max={Math.max(1, task.agents)} value={over} aria-label={`Finished: ${titleOf(task)}`} />
      <span class="nowrap">
        {over.toLocaleString()} of {task.agents.toLocaleString()}
      </span>
      {task.failed === 0 ? null : <span class="quiet nowrap">{task.failed.toLocaleString()} failed</span>}
    </span>
  );
}
