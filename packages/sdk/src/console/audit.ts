/** The audit and its checkpoints. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type { AuditCheckpoints, AuditPage } from '@cordon/protocol/console';
import { ConsolePart } from './console-api.ts';

export class ConsoleAudit extends ConsolePart {
  /** After a line, also after 0: oldest first. Otherwise the newest lines, newest first. */
  async list(page: { after?: number | undefined; limit?: number | undefined } = {}): Promise<AuditPage> {
    return this.load((all) => all.auditPageShape, consolePaths.audit, page);
  }

  /** The lines about an agent, newest first; `before` is the `next` of the page before. */
  async ofAgent(
    agent: string,
    page: { before?: number | undefined; limit?: number | undefined } = {},
  ): Promise<AuditPage> {
    return this.load((all) => all.auditPageShape, consolePaths.audit, { agent, ...page });
  }

  /** Signatures over the audit up to now, and the key that verifies them. */
  async checkpoints(): Promise<AuditCheckpoints> {
    return this.load((all) => all.auditCheckpointsShape, `${consolePaths.audit}/checkpoints`);
  }
}
