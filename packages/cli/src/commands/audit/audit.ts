/** The commands about the audit. Cordon only. */
import type { AuditLine } from '@cordon/protocol/console';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment } from '../../text/text.ts';
import { exportAudit } from './export.ts';
import { verify } from './verify.ts';

export const commands: readonly Command[] = [
  {
    name: 'audit',
    summary: 'List the audit log: who did what, from where, and the outcome.',
    options: [
      ['--after <id>', 'Only entries after this ID, oldest first; 0 starts at the first.'],
      ['--limit <n>', 'Number of entries.'],
    ],
    example: 'cordon audit --limit 20',
    run: list,
  },
  {
    name: 'audit verify',
    summary: 'Check that no entry was changed, removed or reordered.',
    example: 'cordon audit verify',
    run: verify,
  },
  {
    name: 'audit export',
    summary: 'Export every entry for another system, oldest first.',
    options: [
      ['--format <format>', 'json (default, one object per line) or cef (ArcSight CEF).', { values: ['json', 'cef'] }],
      ['--after <id>', 'Only entries after this ID.'],
    ],
    example: 'cordon audit export --format cef --after 1200',
    run: exportAudit,
  },
];

const columns: readonly Column<AuditLine>[] = [
  { title: 'ID', cell: (line) => String(line.id) },
  { title: 'AT', cell: (line) => moment(line.at) },
  { title: 'USER', cell: (line) => line.actor, cut: true },
  { title: 'FROM', cell: (line) => line.source, spare: true },
  { title: 'ACTION', cell: (line) => line.act },
  { title: 'TARGET', cell: (line) => line.target, cut: true },
  { title: 'OUTCOME', cell: (line) => line.outcome },
  { title: 'DETAIL', cell: (line) => line.detail, cut: true },
];

async function list(call: Invocation): Promise<void> {
  const page = { after: call.number('after', 0), limit: call.number('limit') };
  const { lines, next } = await (await consoleClient(call)).audit.list(page);
  const more = next === null ? '' : `\nMore: cordon audit --after ${next}\n`;
  call.print({ lines, next }, lines.length === 0 ? 'No entries.\n' : table(columns, lines, call.world.out) + more);
}
