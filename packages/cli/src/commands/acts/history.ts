/** The command that lists commands and their results. Cordon only. */
import type { CommandRecord } from '@cordon/protocol/console';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment } from '../../text/text.ts';
import { printOrWatch, watchOption } from '../../command/watching.ts';

export const commands: readonly Command[] = [
  {
    name: 'commands list',
    summary: 'List actions on agents and their results.',
    options: [
      ['--agent <id>', 'Only those of the agent with this entity ID.'],
      ['--limit <n>', 'How many.'],
      watchOption,
    ],
    example: 'cordon commands list --limit 20',
    run: list,
  },
];

const colors: Partial<Record<CommandRecord['state'], string>> = { pending: '33', failed: '31' };

const columns: readonly Column<CommandRecord>[] = [
  { title: 'ID', cell: (command) => String(command.id) },
  { title: 'REQUESTED', cell: (command) => moment(command.requestedAt) },
  { title: 'ACTION', cell: (command) => command.act },
  { title: 'HOST NAME', cell: (command) => command.hostName, cut: true },
  { title: 'STATE', cell: (command) => command.state, color: (command) => colors[command.state] },
  { title: 'DURATION', cell: took, spare: true },
  { title: 'REQUESTED BY', cell: (command) => command.requestedBy, cut: true, spare: true },
  { title: 'RESULT', cell: (command) => command.outcome ?? '', cut: true },
];

async function list(call: Invocation): Promise<void> {
  const filter = { agent: call.option('agent'), limit: call.number('limit') };
  const client = await consoleClient(call);
  await printOrWatch(call, async () => {
    const value = await client.commands.list(filter);
    return { value, text: value.length === 0 ? 'No commands.\n' : table(columns, value, call.world.out) };
  });
}

function took(command: CommandRecord): string {
  if (command.finishedAt === null) return '';
  return `${((command.finishedAt - command.requestedAt) / 1000).toFixed(2)} s`;
}
