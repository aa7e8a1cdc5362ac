/** Files in quarantine. */
import { consolePaths, fleetTaskShape, quarantineListShape } from '@cordon/protocol/console';
import type { FleetTask, QuarantineState, QuarantinedFile, RestoreFiles } from '@cordon/protocol/console';
import type { ObjectType } from '@cordon/protocol/words';
import { queryOf, read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export interface QuarantineFilter {
  readonly agent?: string | undefined;
  /** The ID of a copy in quarantine; more than one agent may claim it. */
  readonly quarantine?: string | undefined;
  readonly type?: ObjectType | undefined;
  readonly content?: string | undefined;
  readonly state?: QuarantineState | undefined;
}

export class ConsoleQuarantine {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(filter: QuarantineFilter = {}): Promise<QuarantinedFile[]> {
    return (
      await read(this.#api, quarantineListShape, {
        method: 'GET',
        path: consolePaths.quarantine,
        query: queryOf(filter),
      })
    ).files;
  }

  /** Restores these files of these agents to where they were; returns the task that does it. */
  async restore(body: RestoreFiles): Promise<FleetTask> {
    return read(this.#api, fleetTaskShape, { method: 'POST', path: `${consolePaths.quarantine}/restore`, body });
  }
}
