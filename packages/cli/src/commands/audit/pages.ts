/** Reads the audit from one line to its present end. */
import type { AuditLine } from '@cordon/protocol/console';
import type { Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { CommandError, exitCodes } from '../../command/failure.ts';

/** The most lines that a server returns at once. */
const linesAtOnce = 1000;

/** The lines after the ID `after`, oldest first, page by page. */
export async function* pagesAfter(call: Invocation, after: number): AsyncGenerator<readonly AuditLine[]> {
  const client = await consoleClient(call);
  for (let from: number | null = after; from !== null;) {
    if (call.world.signal.aborted)
      throw new CommandError(exitCodes.interrupted, 'Interrupted before the last entry.', '');
    const { lines, next } = await client.audit.list({ after: from, limit: linesAtOnce });
    yield lines;
    // A server that points back would cause an endless loop.
    from = next !== null && next > from ? next : null;
  }
}
