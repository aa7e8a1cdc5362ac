/** Reads the audit from one line to its present end. */
import type { AuditLine } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';

/** The most that a server gives at once. */
const linesAtOnce = 1000;

/** Lines after the one with the ID `after`, oldest first, a page at a time. */
export async function* pagesAfter(client: ConsoleClient, after: number): AsyncGenerator<readonly AuditLine[]> {
  for (let from: number | null = after; from !== null;) {
    const { lines, next } = await client.audit({ after: from, limit: linesAtOnce });
    yield lines;
    // A server that points back would keep us here for ever.
    from = next !== null && next > from ? next : null;
  }
}
