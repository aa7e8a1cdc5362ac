/**
 * Tasks as an account limited to folders sees them: totals over the agents in them only, and no tasks without such an
 * agent.
 */
import type { TaskWork } from '@cordon/protocol/channel';
import type { FleetTask } from '@cordon/protocol/console';
import { setImmediate } from 'node:timers/promises';
import type { Folders } from '../access/scope.ts';
import type { Queries } from '../database/database.ts';
import { fromJson } from '../database/json.ts';
import { fleetTask, newestTasks } from './queries.ts';
import type { FleetRow } from './queries.ts';
import { shownTask } from './shown.ts';
import { scopedCounts, stateCounts, worksInScope } from './total-queries.ts';

interface Asker {
  readonly scope: Folders;
  readonly now: number;
}

/** Tasks summed up in one query; in a large fleet each has many rows, and other requests must not be blocked. */
const summedAtOnce = 10;

export async function taskInScope(read: Queries, id: string, asker: Asker): Promise<FleetTask | undefined> {
  const row = await fleetTask(read, id);
  return row && (await shownTo(read, [row], asker))[0];
}

/** The newest first. */
export async function tasksInScope(read: Queries, asker: Asker & { readonly limit: number }): Promise<FleetTask[]> {
  const found: FleetTask[] = [];
  let rows: FleetRow[] = [];
  let offset = 0;
  do {
    rows = await newestTasks(read, { offset, limit: summedAtOnce });
    found.push(...(await shownTo(read, rows, asker)));
    offset += rows.length;
    await setImmediate();
  } while (rows.length === summedAtOnce && found.length < asker.limit);
  return found.slice(0, asker.limit);
}

async function shownTo(read: Queries, rows: readonly FleetRow[], { scope, now }: Asker): Promise<FleetTask[]> {
  const ids = rows.map((row) => row.id);
  if (scope.length === 0) {
    const counts = await stateCounts(read, ids);
    return rows.map((row) => shownTask(row, counts, now));
  }
  const counts = await scopedCounts(read, ids, scope);
  const shown: FleetTask[] = [];
  for (const row of rows) {
    const task = shownTask(row, counts, now);
    const elsewhere = counts.some((count) => count.task === row.id && count.elsewhere > 0);
    if (task.agents === 0) continue;
    // The server's own message counts all agents of the task.
    const message = task.message === null ? null : 'It ended before every endpoint had finished it.';
    shown.push(elsewhere ? { ...task, part: true, message, work: await ownWork(read, row, scope) } : task);
  }
  return shown;
}

/** Names of quarantined files are shown for the requester's own agents only. */
async function ownWork(read: Queries, row: FleetRow, scope: Folders): Promise<TaskWork> {
  const work = fromJson(row.work);
  if (work.kind !== 'restore-files' || work.quarantine === null) return work;
  const own = (await worksInScope(read, row.id, scope)).map((one) => fromJson(one));
  return { ...work, quarantine: own.flatMap((one) => (one.kind === 'restore-files' ? (one.quarantine ?? []) : [])) };
}
