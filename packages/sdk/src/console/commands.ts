/** Commands: one act on one agent, and its result. */
import { consolePaths, commandListShape } from '@cordon/protocol/console';
import type { CommandRecord } from '@cordon/protocol/console';
import { queryOf, read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export interface CommandFilter {
  readonly agent?: string | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export class ConsoleCommands {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** The newest first. */
  async list(filter: CommandFilter = {}): Promise<CommandRecord[]> {
    return (
      await read(this.#api, commandListShape, { method: 'GET', path: consolePaths.commands, query: queryOf(filter) })
    ).commands;
  }
}
