/** What the counts of tasks are read from without looking at each agent's row. */
import type { Migration } from '../migrate.ts';

export const taskCounts: Migration = {
  name: '0012-task-counts',
  statements: () => [
    `create index agent_tasks_by_state on agent_tasks (task, state, agent_number, files, bytes, found)`,
  ],
};
