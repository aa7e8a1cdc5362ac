/** Isolating, releasing and uninstalling. */
import { consolePaths, actOutcomeShape } from '@cordon/protocol/console';
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import { read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleActs {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** An act that the guard holds is no error: the outcome names the approval it waits for. */
  async perform(request: ActRequest): Promise<ActOutcome> {
    return read(this.#api, actOutcomeShape, { method: 'POST', path: consolePaths.acts, body: request });
  }

  /** Which endpoints an act would affect or leave out, and what the guard says; nothing changes. */
  async preview(request: ActRequest): Promise<ActOutcome> {
    return read(this.#api, actOutcomeShape, { method: 'POST', path: `${consolePaths.acts}/preview`, body: request });
  }
}
