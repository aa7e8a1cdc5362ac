/** The commands about tasks: sweeps, searches and restores on many endpoints. Cordon only. */
import type { FleetTask } from '@cordon/protocol/console';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment } from '../../text/text.ts';
import { printOrWatch, watchOption } from '../../command/watching.ts';
import { summaryOf } from './task-text.ts';

const id = ['<id>', 'From "cordon tasks list".'] as const;

export const commands: readonly Command[] = [
  {
    name: 'tasks list',
    summary: 'List tasks and their progress.',
    options: [watchOption],
    example: 'cordon tasks list --watch',
    run: list,
  },
  {
    name: 'tasks show',
    summary: 'Show the progress of each agent and the files found.',
    arguments: [id],
    options: [watchOption],
    example: 'cordon tasks show 4f1c…',
    run: show,
  },
  {
    name: 'tasks cancel',
    summary: 'Cancel a task; completed work is not undone.',
    arguments: [id],
    example: 'cordon tasks cancel 4f1c…',
    run: cancel,
  },
];

const columns: readonly Column<FleetTask>[] = [
  { title: 'ID', cell: (task) => task.id },
  { title: 'REQUESTED', cell: (task) => moment(task.requestedAt) },
  { title: 'KIND', cell: (task) => task.kind },
  { title: 'STATE', cell: (task) => task.state },
  { title: 'DONE', cell: (task) => `${task.done + task.failed} of ${task.agents}` },
  { title: 'FAILED', cell: (task) => String(task.failed) },
  { title: 'FOUND', cell: (task) => (task.found === 0 ? '0' : `${task.found} on ${task.foundOn}`) },
  { title: 'REQUESTED BY', cell: (task) => task.requestedBy, cut: true, spare: true },
];

async function list(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  await printOrWatch(call, async () => {
    const value = await client.tasks.list();
    return { value, text: value.length === 0 ? 'No tasks.\n' : table(columns, value, call.world.out) };
  });
}

async function show(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  await printOrWatch(call, async () => {
    const value = await client.tasks.get(call.word('id'));
    return { value, text: summaryOf(value, call.world.out) };
  });
}

async function cancel(call: Invocation): Promise<void> {
  const task = await (await consoleClient(call)).tasks.cancel(call.word('id'));
  call.print(task, `Cancelled; ${task.done} of ${task.agents} agents had finished.\n`);
}
