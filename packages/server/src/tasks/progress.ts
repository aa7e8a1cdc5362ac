/** Records the agents' progress, including sweeps that they began themselves. */
import type { Progress, TaskWork } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';
import type { Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { AgentTaskRow } from './queries.ts';
import {
  agentTask,
  dropOwnBefore,
  fleetTask,
  insertAgentTasks,
  insertFleetTask,
  newestOwn,
  notBegun,
  storeProgress,
} from './queries.ts';
import { keptProgress } from './shown.ts';

export interface ProgressDeps {
  readonly objectsRevision: (tx: Queries) => Promise<number>;
  /** Called for each new progress, in its transaction. */
  readonly progressed: (tx: Queries, agent: Arrived, of: { work: TaskWork; progress: Progress }) => Promise<void>;
}

interface Received {
  readonly agent: Arrived;
  readonly progress: Progress;
  readonly now: number;
}

const ownLifetimeMs = 30 * 24 * 3_600_000;

/**
 * A later progress replaces an earlier one. Progress on a task that was never requested is ignored; the agent still
 * gets a receipt, so that it stops sending it.
 */
export async function recordProgress(tx: Queries, deps: ProgressDeps, received: Received): Promise<void> {
  const { agent, progress } = received;
  const own = /^list:([1-9]\d{0,14})$/.exec(progress.task)?.[1];
  if (own !== undefined && !(await takeOwn(tx, deps, { ...received, revision: Number(own) }))) return;
  const isCancel = progress.task.startsWith('cancel:');
  const task = isCancel ? progress.task.slice('cancel:'.length) : progress.task;
  const row = await agentTask(tx, task, agent.number);
  const fleet = await fleetTask(tx, task);
  if (row === undefined || fleet === undefined || isOver(row, progress)) return;
  if (isCancel) return endCancelled(tx, row, { ...received, wasCancelled: fleet.cancelled_at !== null });
  const kept = keptProgress(progress);
  const { state, at, files, bytes, found } = kept;
  const columns = { state, at, files, bytes, found, progress: toJson(kept) };
  await storeProgress(tx, { task, number: agent.number }, columns);
  await deps.progressed(tx, agent, { work: fromJson(row.work ?? fleet.work), progress });
}

/** A finished task stays finished; later messages were already on their way, or are false. */
function isOver(row: AgentTaskRow, progress: Progress): boolean {
  if (row.state === 'waiting' || row.state === 'running') return progress.at < row.at;
  return progress.at <= row.at || progress.state === 'running';
}

/** The agent has received the cancellation; for a task that it never began, it will report nothing else. */
async function endCancelled(
  tx: Queries,
  row: AgentTaskRow,
  { agent, progress, wasCancelled }: Received & { wasCancelled: boolean },
): Promise<void> {
  if (!wasCancelled || progress.state === 'running' || (row.state !== 'waiting' && row.state !== 'running')) return;
  await storeProgress(tx, { task: row.task, number: agent.number }, { state: 'cancelled', at: progress.at });
}

/** A sweep that the agent began by itself. Only its newest is stored, so that they cannot pile up. */
async function takeOwn(tx: Queries, deps: ProgressDeps, received: Received & { revision: number }): Promise<boolean> {
  const { agent, progress, now, revision } = received;
  if (revision > (await deps.objectsRevision(tx)) || revision < (await newestOwn(tx, agent.number))) return false;
  const work = toJson<TaskWork>({ kind: 'sweep', act: true, roots: null });
  await insertFleetTask(tx, {
    id: progress.task,
    kind: 'sweep',
    work,
    requested_by: 'agent',
    requested_at: now,
    expires_at: now + ownLifetimeMs,
    cancelled_at: null,
    cancel_reason: null,
    undo_type: null,
    undo_content: null,
    after_revision: 0,
  });
  await insertAgentTasks(tx, [{ task: progress.task, agent_number: agent.number, work: null, seal: '', ...notBegun }]);
  await dropOwnBefore(tx, agent.number, progress.task);
  return true;
}
