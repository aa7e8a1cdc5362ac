/** Why the server itself has ended a task. */
import type { Migration } from '../migrate.ts';

export const endedTasks: Migration = {
  name: '0009-ended-tasks',
  statements: () => [`alter table fleet_tasks add column ended_why text`],
};
