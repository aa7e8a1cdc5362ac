/** Tasks as people see them: totals over the agents, and each agent's own progress. */
import { fromJson } from '../database/json.ts';
import type { Progress } from '@cordon/protocol/channel';
import type { AgentProgress, FleetTask } from '@cordon/protocol/console';
import type { FleetRow } from './queries.ts';
import type { AgentOfTask, StateCount } from './total-queries.ts';

/** A stored progress is limited to this: text and totals from endpoints are hostile. */
const maxProgressCharacters = 32_000;
const maxFiles = 1e12;
const maxBytes = 1e14;
/** All copies in one answer together; agents beyond it show how many they found, without the paths. */
const maxAnswerCharacters = 4_000_000;
/** A task that began in time but did not finish counts as late after this long. */
export const lateAfterMs = 24 * 3_600_000;

export type ShownProgress = NonNullable<AgentProgress['progress']>;

/** A progress as it is stored: field by field, and with as many copies as fit. */
export function keptProgress(progress: Progress): ShownProgress {
  const { kind, at, state, of, unreadable, message } = progress;
  const files = Math.min(progress.files, maxFiles);
  const bytes = Math.min(progress.bytes, maxBytes);
  const found = Math.min(progress.found, maxFiles);
  let left = maxProgressCharacters;
  const copies = progress.copies
    .map(({ sha1, path, size, modifiedAt, package: owner, usedBy }) => {
      return { sha1, path: { ...path }, size, modifiedAt, package: owner, usedBy };
    })
    .filter((copy) => (left -= JSON.stringify(copy).length) >= 0);
  return { kind, at, state, files, of, bytes, unreadable, found, copies, message };
}

/** A task with the totals over its agents. */
export function shownTask(row: FleetRow, counts: readonly StateCount[], now: number): FleetTask {
  const mine = counts.filter((one) => one.task === row.id);
  const of = (state: StateCount['state']): number => mine.find((one) => one.state === state)?.agents ?? 0;
  const tooLate =
    (row.expires_at <= now ? of('waiting') : 0) + (row.expires_at + lateAfterMs <= now ? of('running') : 0);
  const open = of('waiting') + of('running') - tooLate;
  const sum = (part: 'files' | 'bytes' | 'found' | 'agents' | 'foundOn'): number =>
    Math.min(Number.MAX_SAFE_INTEGER, Math.round(mine.reduce((total, one) => total + one[part], 0)));
  return {
    id: row.id,
    kind: row.kind,
    work: fromJson(row.work),
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    agents: sum('agents'),
    running: of('running'),
    done: of('done'),
    failed: of('failed') + tooLate,
    files: sum('files'),
    bytes: sum('bytes'),
    found: sum('found'),
    foundOn: sum('foundOn'),
    state: row.cancelled_at !== null ? 'cancelled' : open > 0 ? 'running' : 'done',
    message: row.cancel_reason,
  };
}

/** Each agent's progress, with copies as long as the answer stays within its limit. */
export function shownTaskAgents(
  rows: readonly AgentOfTask[],
  isOnline: (row: AgentOfTask) => boolean,
): AgentProgress[] {
  let left = maxAnswerCharacters;
  return rows.map((row) => {
    left -= row.progress?.length ?? 0;
    const progress = row.progress === null ? null : fromJson(row.progress);
    const copies = progress === null || left < 0 ? [] : progress.copies;
    return {
      agent: row.entity_id,
      hostName: row.host_name,
      online: isOnline(row),
      progress: progress === null ? null : { ...progress, copies },
    };
  });
}
