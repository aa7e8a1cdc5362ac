/** The command about the audit: who did or tried what. Only Cordon has it. */
import type { AuditLine } from '@cordon/protocol/console';
import type { Command, Invocation } from '../command.ts';
import { consoleClient } from '../connection.ts';
import { table } from '../table.ts';
import type { Column } from '../table.ts';
import { moment } from '../text.ts';

export const commands: readonly Command[] = [
  {
    name: 'audit',
    summary: 'List who did what, from where, and what came of it.',
    options: [
      ['--after <id>', 'Only lines after the one with this ID.'],
      ['--limit <n>', 'How many lines.'],
    ],
    example: 'cordon audit --limit 20',
    handler: list,
  },
];

const columns: readonly Column<AuditLine>[] = [
  { title: 'ID', cell: (line) => String(line.id) },
  { title: 'AT', cell: (line) => moment(line.at) },
  { title: 'WHO', cell: (line) => line.actor, cut: true },
  { title: 'FROM', cell: (line) => line.source },
  { title: 'ACT', cell: (line) => line.act },
  { title: 'TARGET', cell: (line) => line.target, cut: true },
  { title: 'OUTCOME', cell: (line) => line.outcome },
  { title: 'DETAIL', cell: (line) => line.detail, cut: true },
];

async function list(call: Invocation): Promise<void> {
  const page = await (await consoleClient(call)).audit({ after: call.number('after'), limit: call.number('limit') });
  const more = page.next === null ? '' : `\nMore: cordon audit --after ${page.next}\n`;
  call.tell(page, page.lines.length === 0 ? 'No lines.\n' : table(columns, page.lines, call.world.out) + more);
}
