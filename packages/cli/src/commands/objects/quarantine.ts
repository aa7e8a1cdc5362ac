/** The commands about quarantine: list and restore files. Cordon only. */
import type { QuarantinedFile } from '@cordon/protocol/console';
import { quarantineStates } from '@cordon/protocol/words';
import type { ConsoleClient } from '@cordon/sdk';
import { defined, reasonOption, yesOption } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { askedTwice, confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { CommandError, exitCodes, usage } from '../../command/failure.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, moment, printable } from '../../text/text.ts';
import { agentFrom } from '../selection/one.ts';

export const commands: readonly Command[] = [
  {
    name: 'quarantine list',
    summary: 'List quarantined files and their original paths.',
    arguments: [['[who]', 'Only of this agent: host name or entity ID.']],
    options: [
      ['--object <content>', 'Only for this object.'],
      ['--state <state>', `One of ${quarantineStates.join(', ')}.`, { values: quarantineStates }],
    ],
    example: 'cordon quarantine list client01',
    run: list,
  },
  {
    name: 'quarantine restore',
    summary: 'Restore one file to its original path with owner, mode and times; never overwrites.',
    arguments: [
      ['<id>', 'From "cordon quarantine list".'],
      ['[who]', 'Of this agent: host name or entity ID. Required if several agents report that ID.'],
    ],
    options: [reasonOption, yesOption],
    example: 'cordon quarantine restore 7c9e… --reason "case 1234: harmless"',
    run: restore,
  },
];

const columns: readonly Column<QuarantinedFile>[] = [
  { title: 'ID', cell: (file) => file.quarantine },
  { title: 'AT', cell: (file) => moment(file.at) },
  { title: 'HOST NAME', cell: (file) => file.hostName, cut: true },
  { title: 'STATE', cell: (file) => file.state },
  { title: 'PATH', cell: (file) => file.path.text, cut: true },
  { title: 'BYTES', cell: (file) => String(file.size) },
  { title: 'MESSAGE', cell: (file) => file.message ?? '', cut: true },
];

async function list(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const agent = await agentFrom(call, client);
  const filter = { agent, content: call.option('object'), state: call.choice('state', quarantineStates) };
  const files = await client.quarantine.list(filter);
  call.print(files, files.length === 0 ? 'No quarantined files.\n' : table(columns, files, call.world.out));
}

async function restore(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const { agent, quarantine, hostName, path } = await onlyCopy(call, client);
  const what = printable(`Restore ${path.text} on ${hostName}?`);
  await confirm(call, `${what} While its object is listed, the file stays blocked.`);
  const reason = call.option('reason');
  const body = { files: [{ agent, quarantine }], ...defined({ reason }) };
  const task = await askedTwice(call, (confirmed) => client.quarantine.restore({ ...body, ...confirmed }));
  call.print(task, `Requested on ${counted(task.agents, 'agent')}; "cordon tasks show ${task.id}" shows progress.\n`);
}

/** Finds the copy with this ID. Agents choose these IDs themselves, so the agent counts too. */
async function onlyCopy(call: Invocation, client: ConsoleClient): Promise<QuarantinedFile> {
  const [id, who] = [call.word('id'), call.word('who')];
  const agent = await agentFrom(call, client);
  const files = await client.quarantine.list({ quarantine: id, agent });
  const [file, ...others] = files.filter(({ state }) => state !== 'restored');
  if (file === undefined) {
    const where = who === '' ? 'any agent' : `agent "${who}"`;
    const message = `There is no file ${id} in the quarantine of ${where}.`;
    throw new CommandError(exitCodes.nothingMatched, message, 'Run "cordon quarantine list".');
  }
  if (others.length === 0) return file;
  const claims = [file, ...others].map((one) => `${one.agent} (${one.hostName}: ${one.path.text})`).join(', ');
  const hint = `Name the agent as well, "cordon quarantine restore ${id} <entity ID>": ${claims}.`;
  throw usage(`${others.length + 1} agents report file ${id} in quarantine.`, hint);
}
