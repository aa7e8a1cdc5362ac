/** How the server ends tasks: cancelled, superseded by the list, or too late. */
import type { ObjectName, TaskWork } from '@cordon/protocol/channel';
import type { Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { closeUndo, markCancelled, openOfTask, openUntil, storeProgress, undoTasks } from './queries.ts';
import type { FleetRow, OpenRow } from './queries.ts';
import { lateAfterMs } from './shown.ts';
import type { ShownProgress } from './shown.ts';

/** Called in the transaction for each agent whose result is no longer expected. */
export type GivenUp = (tx: Queries, agent: number, of: { work: TaskWork; message: string }) => Promise<void>;

interface Ending {
  readonly now: number;
  readonly givenUp: GivenUp;
}

/**
 * Cancels a task; false if it was cancelled already. Work without a result counts as not done from now on, since an
 * offline agent may never return. An agent that did it all the same still reports it.
 */
export async function cancelTask(tx: Queries, task: FleetRow, ending: Ending): Promise<boolean> {
  if (!(await markCancelled(tx, task.id, { now: ending.now, why: null }))) return false;
  await abandonFiles(tx, await openOfTask(tx, task.id), { ...ending, message: 'The task was cancelled.' });
  return true;
}

/** An object is listed again: its undo restores no further files. Returns the ended tasks, with messages. */
export async function endUndos(
  tx: Queries,
  object: ObjectName,
  ending: Ending,
): Promise<{ task: string; message: string }[]> {
  const ended: { task: string; message: string }[] = [];
  for (const task of await undoTasks(tx, object, ending.now)) {
    await closeUndo(tx, task.id);
    const rows = await openOfTask(tx, task.id);
    if (rows.length === 0) continue;
    const name = `${object.type} ${object.content}`;
    const message =
      `Ended, because ${name} is listed again. Agents that had not reported: ${rows.length}. ` +
      'Files that they have not restored stay in quarantine.';
    await markCancelled(tx, task.id, { now: ending.now, why: message });
    await abandonFiles(tx, rows, { ...ending, message: `${name} was listed again before this file was restored.` });
    ended.push({ task: task.id, message });
  }
  return ended;
}

/** Fails some agents that did not begin or finish in time; returns how many. */
export async function endLate(tx: Queries, ending: Ending, limit: number): Promise<number> {
  const { now } = ending;
  const rows = await openUntil(tx, { waiting: now, running: now - lateAfterMs }, limit);
  const message = 'The agent did not report in time.';
  for (const row of rows) {
    const state = row.cancelled_at === null ? 'failed' : 'cancelled';
    const progress = toJson<ShownProgress>({ ...shownOf(row), at: now, state, message });
    await storeProgress(tx, row, { state, progress });
  }
  const awaited = rows.filter((row) => row.cancelled_at === null);
  await abandonFiles(tx, awaited, { ...ending, message });
  return rows.length;
}

async function abandonFiles(tx: Queries, rows: readonly OpenRow[], how: Ending & { message: string }): Promise<void> {
  for (const row of rows) {
    // Only restores leave records that wait for the result.
    if (row.kind !== 'restore-files') continue;
    await how.givenUp(tx, row.number, { work: fromJson(row.work), message: how.message });
  }
}

function shownOf(row: OpenRow): ShownProgress {
  if (row.progress !== null) return fromJson(row.progress);
  const counts = { files: 0, of: null, bytes: 0, unreadable: 0, found: 0, copies: [] };
  return { kind: row.kind, at: row.at, state: 'failed', ...counts, message: null };
}
