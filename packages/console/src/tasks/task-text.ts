/** Describes tasks in words. */
import type { FleetTask } from '@cordon/protocol/console';
import type { Tone } from '../widgets/badge.tsx';
import { actorInWords, countOf } from '../words/words.ts';

/** What a task does. */
export function titleOf({ work }: FleetTask): string {
  switch (work.kind) {
    case 'sweep':
      return `Disk scan${work.roots === null ? '' : ` of ${work.roots.join(', ')}`}${work.act ? '' : ' (report only)'}`;
    case 'find':
      return `Search for ${andMore(work.files.map((file) => file.sha1))}`;
    case 'restore-files':
      return work.object === null
        ? `Restore ${countOf(work.quarantine?.length ?? 0, 'file')}`
        : `Restore files quarantined for ${work.object.content}`;
    case 'end-processes':
      return `End ${countOf(work.processes.length, 'process', 'processes')}`;
    case 'cancel':
      return `Cancel task ${work.task}`;
  }
}

/** The requester. Agents sweep by themselves when their list has changed. */
export function requesterOf({ requestedBy }: FleetTask): string {
  return requestedBy === 'agent' ? 'automatic' : actorInWords(requestedBy);
}

export function isOwn({ id }: FleetTask): boolean {
  return id.startsWith('list:');
}

export const stateTones: Record<FleetTask['state'], Tone> = { running: 'warning', done: 'good', cancelled: 'neutral' };

/** What a task of this kind counts: files found or restored, processes ended. */
export function foundIn(task: FleetTask): string {
  const word = task.kind === 'restore-files' ? 'restored' : task.kind === 'end-processes' ? 'ended' : 'found';
  if (task.found === 0) return `None ${word}`;
  return `${task.found.toLocaleString()} ${word} on ${countOf(task.foundOn, 'endpoint')}`;
}

function andMore([first = '', ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
