/** Exports the audit for other systems. */
import { cefOfAudit } from '@cordon/protocol/cef';
import type { AuditLine } from '@cordon/protocol/console';
import type { Invocation } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';
import { jsonLine } from '../../text/text.ts';
import { ownVersion } from '../../world/own-version.ts';
import { pagesAfter } from './pages.ts';

export async function exportAudit(call: Invocation): Promise<void> {
  const write = writerOf(call);
  const after = call.number('after', 0) ?? 0;
  for await (const page of pagesAfter(call, after)) {
    call.world.out.write(page.map((line) => `${write(line)}\n`).join(''));
  }
}

function writerOf(call: Invocation): (line: AuditLine) => string {
  const format = call.option('format') ?? 'json';
  if (format === 'json') return jsonLine;
  if (format !== 'cef') throw usage(`"${format}" is not a format.`, 'Give --format json or cef.');
  if (call.json) throw usage('--json and --format cef cannot be combined.', 'Leave --json out.');
  const version = ownVersion();
  return (line) => cefOfAudit(line, version);
}
