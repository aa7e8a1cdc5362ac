/** The commands about the audit: who did or tried what. Only Cordon has it. */
import type { AuditLine } from '@cordon/protocol/console';
import type { Command, Invocation } from '../command.ts';
import { consoleClient } from '../connection.ts';
import { table } from '../table.ts';
import type { Column } from '../table.ts';
import { moment } from '../text.ts';
import { exportAudit } from './audit/export.ts';
import { verify } from './audit/verify.ts';

export const commands: readonly Command[] = [
  {
    name: 'audit',
    summary: 'List who did what, from where, and what came of it.',
    options: [
      ['--after <id>', 'Only lines after the one with this ID, oldest first; 0 begins at the first.'],
      ['--limit <n>', 'How many lines.'],
    ],
    example: 'cordon audit --limit 20',
    handler: list,
  },
  {
    name: 'audit verify',
    summary: 'Check here that no line was changed, removed or reordered.',
    example: 'cordon audit verify',
    handler: verify,
  },
  {
    name: 'audit export',
    summary: 'Print every line for another system, oldest first.',
    options: [
      ['--format <format>', 'json, a JSON object a line (unless given), or cef, ArcSight CEF.'],
      ['--after <id>', 'Only lines after the one with this ID.'],
    ],
    example: 'cordon audit export --format cef --after 1200',
    handler: exportAudit,
  },
];

const columns: readonly Column<AuditLine>[] = [
  { title: 'ID', cell: (line) => String(line.id) },
  { title: 'AT', cell: (line) => moment(line.at) },
  { title: 'WHO', cell: (line) => line.actor, cut: true },
  { title: 'FROM', cell: (line) => line.source, spare: true },
  { title: 'ACT', cell: (line) => line.act },
  { title: 'TARGET', cell: (line) => line.target, cut: true },
  { title: 'OUTCOME', cell: (line) => line.outcome },
  { title: 'DETAIL', cell: (line) => line.detail, cut: true },
];

async function list(call: Invocation): Promise<void> {
  const page = { after: call.number('after', 0), limit: call.number('limit') };
  const { lines, next } = await (await consoleClient(call)).audit.list(page);
  const more = next === null ? '' : `\nMore: cordon audit --after ${next}\n`;
  call.tell({ lines, next }, lines.length === 0 ? 'No lines.\n' : table(columns, lines, call.world.out) + more);
}
