/** Formats tasks: the progress of each agent, and the copies found. */
import type { AgentProgress, TaskDetails } from '@cordon/protocol/console';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, moment, printable } from '../../text/text.ts';
import type { Output } from '../../world/world.ts';

interface CopyOnHost {
  readonly hostName: string;
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly owner: string;
  readonly running: number;
}

const agentColumns: readonly Column<AgentProgress>[] = [
  { title: 'HOST NAME', cell: (one) => one.hostName, cut: true },
  { title: 'STATE', cell: (one) => one.progress?.state ?? (one.online ? 'pending' : 'offline') },
  { title: 'FOUND', cell: (one) => String(one.progress?.found ?? '') },
  { title: 'PROGRESS', cell: progressOfAgent },
  { title: 'MESSAGE', cell: (one) => one.progress?.message ?? '', cut: true },
];

const copyColumns: readonly Column<CopyOnHost>[] = [
  { title: 'HOST NAME', cell: (copy) => copy.hostName, cut: true },
  { title: 'PATH', cell: (copy) => copy.path },
  { title: 'BYTES', cell: (copy) => String(copy.size) },
  { title: 'MODIFIED', cell: (copy) => moment(copy.modifiedAt) },
  { title: 'PACKAGE', cell: (copy) => copy.owner },
  { title: 'IN USE BY', cell: (copy) => processesText(copy.running) },
];

/** The agents of a task, each followed by the copies found there. */
export function summaryOf({ task, agents }: TaskDetails, output: Output): string {
  const copies = agents.flatMap(copiesOf);
  const head =
    `${task.kind} ${task.id}: ${task.state}; ${task.done} of ${counted(task.agents, 'agent')} done, ` +
    `${task.failed} failed; ${task.found} found on ${task.foundOn}.\n` +
    `${task.message === null ? '' : `${printable(task.message)}\n`}\n`;
  const found = copies.length === 0 ? '' : `\n${table(copyColumns, copies, output)}`;
  return head + table(agentColumns, agents, output) + found;
}

function progressOfAgent({ progress }: AgentProgress): string {
  if (progress === null) return '';
  const of = progress.of === null ? '' : ` of ${progress.of}`;
  const read = progress.bytes === 0 ? '' : `, ${(progress.bytes / 1_000_000).toFixed(1)} MB read`;
  const missed = progress.unreadable === 0 ? '' : `, ${progress.unreadable} unreadable`;
  return `${progress.files}${of} files${read}${missed}`;
}

function copiesOf({ hostName, progress }: AgentProgress): CopyOnHost[] {
  return (progress?.copies ?? []).map((copy) => ({
    hostName,
    path: copy.path.text,
    size: copy.size,
    modifiedAt: copy.modifiedAt,
    owner: copy.package ?? '',
    running: copy.usedBy.length,
  }));
}

function processesText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '1 process' : `${count} processes`;
}
