/** Opens the room of the tasks. */
import { addressees, addresseesNumbered } from '../agents/table.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Presence } from '../gateway/presence.ts';
import type { Room } from '../room.ts';
import { taskRoutes } from './routes.ts';
import { TaskSeal } from './task-seal.ts';
import { Tasks } from './tasks.ts';
import type { TaskConsequences } from './tasks.ts';

export interface TasksRoom extends Room {
  readonly tasks: Tasks;
}

export function openTasks(
  { database, now, publish, sealer }: Base,
  { audit, presence, consequences }: { audit: Audit; presence: Presence; consequences: TaskConsequences },
): TasksRoom {
  const tasks = new Tasks({
    ...consequences,
    database,
    audit,
    now,
    publish,
    addressees,
    seal: new TaskSeal(sealer),
    numbered: addresseesNumbered,
    isOnline: (row) => presence.isOnline(row),
  });
  return { tasks, routes: { console: (scope) => taskRoutes(scope, tasks) }, close: () => tasks.close() };
}
