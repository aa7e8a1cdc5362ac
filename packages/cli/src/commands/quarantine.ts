/** The commands about quarantine: which files lie in vaults, and how they come back. Only Cordon has them. */
import type { QuarantinedFile } from '@cordon/protocol/console';
import { ConsoleObjects } from '@cordon/sdk/objects';
import type { Command, Invocation } from '../command.ts';
import { confirm } from '../confirmation.ts';
import { consoleClient } from '../connection.ts';
import { table } from '../table.ts';
import type { Column } from '../table.ts';
import { counted, moment } from '../text.ts';
import { onlyMatch } from './agents/one.ts';

export const commands: readonly Command[] = [
  {
    name: 'quarantine list',
    summary: 'List files that were taken away, and where they lay.',
    arguments: [['[who]', 'Only of this agent: host name or entity ID.']],
    options: [
      ['--object <content>', 'Only for this object.'],
      ['--state <state>', 'quarantined, restoring or restored.'],
    ],
    example: 'cordon quarantine list client01',
    handler: list,
  },
  {
    name: 'quarantine restore',
    summary: 'Put one file back where it was: content, owner, mode, times; never over another.',
    arguments: [['<id>', 'As "cordon quarantine list" shows it.']],
    options: [
      ['--reason <text>', 'Why, for the audit.'],
      ['--yes', 'Do not ask.'],
    ],
    example: 'cordon quarantine restore 7c9e… --reason "case 1234: harmless"',
    handler: restore,
  },
];

const columns: readonly Column<QuarantinedFile>[] = [
  { title: 'ID', cell: (file) => file.quarantine },
  { title: 'AT', cell: (file) => moment(file.at) },
  { title: 'HOST NAME', cell: (file) => file.hostName, cut: true },
  { title: 'STATE', cell: (file) => file.state },
  { title: 'PATH', cell: (file) => file.path.text, cut: true },
  { title: 'BYTES', cell: (file) => String(file.size) },
  { title: 'SENTENCE', cell: (file) => file.sentence ?? '', cut: true },
];

async function list(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const agent = call.word('who') === '' ? undefined : await onlyMatch(call, client);
  const filter = { agent, content: call.option('object'), state: call.option('state') };
  const files = await new ConsoleObjects(client).quarantine(filter);
  call.tell(files, files.length === 0 ? 'Nothing is in quarantine.\n' : table(columns, files, call.world.out));
}

async function restore(call: Invocation): Promise<void> {
  const objects = new ConsoleObjects(await consoleClient(call));
  const id = call.word('id');
  await confirm(call, 'Put this file back? While its object is listed, opening it stays denied.');
  const reason = call.option('reason');
  const task = await objects.restoreFiles({ quarantine: [id], ...(reason === undefined ? {} : { reason }) });
  call.tell(task, `Asked ${counted(task.agents, 'agent')}; "cordon tasks show ${task.id}" tells how far it is.\n`);
}
