/** Acts that the guard holds until a second person decides. */
import { consolePaths, actOutcomeShape, approvalListShape, approvalShape } from '@cordon/protocol/console';
import type { ActOutcome, Approval } from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleApprovals {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** All that are pending, then the newest of those that are decided or have expired. */
  async list(): Promise<Approval[]> {
    return (await read(this.#api, approvalListShape, { method: 'GET', path: consolePaths.approvals })).approvals;
  }

  async get(id: number): Promise<Approval> {
    return read(this.#api, approvalShape, { method: 'GET', path: within(consolePaths.approvals, id) });
  }

  /** Approves an act, which performs it. */
  async approve(id: number): Promise<ActOutcome> {
    return read(this.#api, actOutcomeShape, { method: 'POST', path: `${within(consolePaths.approvals, id)}/approve` });
  }

  async reject(id: number): Promise<void> {
    await this.#api.send({ method: 'POST', path: `${within(consolePaths.approvals, id)}/reject` });
  }
}
