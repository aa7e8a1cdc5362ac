/** Reads the audit from one line to its present end. */
import type { AuditLine } from '@cordon/protocol/console';
import type { Invocation } from '../../command.ts';
import { consoleClient } from '../../connection.ts';
import { CommandError, exitCodes } from '../../failure.ts';

/** The most that a server gives at once. */
const linesAtOnce = 1000;

/** Lines after the one with the ID `after`, oldest first, a page at a time. */
export async function* pagesAfter(call: Invocation, after: number): AsyncGenerator<readonly AuditLine[]> {
  const client = await consoleClient(call);
  for (let from: number | null = after; from !== null;) {
    if (call.world.signal.aborted)
      throw new CommandError(exitCodes.interrupted, 'Interrupted before the last entry.', '');
    const { lines, next } = await client.audit.list({ after: from, limit: linesAtOnce });
    yield lines;
    // A server that points back would keep us here for ever.
    from = next !== null && next > from ? next : null;
  }
}
