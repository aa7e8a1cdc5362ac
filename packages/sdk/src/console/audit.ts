/** The audit and its checkpoints. */
import { consolePaths, auditCheckpointsShape, auditPageShape } from '@cordon/protocol/console';
import type { AuditCheckpoints, AuditPage } from '@cordon/protocol/console';
import { queryOf, read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleAudit {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** After a line, also after 0: oldest first. Otherwise the newest lines, newest first. */
  async list(page: { after?: number | undefined; limit?: number | undefined } = {}): Promise<AuditPage> {
    return read(this.#api, auditPageShape, { method: 'GET', path: consolePaths.audit, query: queryOf(page) });
  }

  /** The lines about an agent, newest first; `before` is the `next` of the page before. */
  async ofAgent(
    agent: string,
    page: { before?: number | undefined; limit?: number | undefined } = {},
  ): Promise<AuditPage> {
    return read(this.#api, auditPageShape, {
      method: 'GET',
      path: consolePaths.audit,
      query: queryOf({ agent, ...page }),
    });
  }

  /** Signatures over the audit up to now, and the key that verifies them. */
  async checkpoints(): Promise<AuditCheckpoints> {
    return read(this.#api, auditCheckpointsShape, { method: 'GET', path: `${consolePaths.audit}/checkpoints` });
  }
}
