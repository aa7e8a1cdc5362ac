/** Tasks for agents: sweep, find, restore files, end processes. */
import { consolePaths, fleetTaskListShape, fleetTaskShape, taskDetailsShape } from '@cordon/protocol/console';
import type { AddTask, FleetTask, TaskDetails } from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleTasks {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** The newest first. */
  async list(): Promise<FleetTask[]> {
    return (await read(this.#api, fleetTaskListShape, { method: 'GET', path: consolePaths.tasks })).tasks;
  }

  async get(id: string): Promise<TaskDetails> {
    return read(this.#api, taskDetailsShape, { method: 'GET', path: within(consolePaths.tasks, id) });
  }

  async add(body: AddTask): Promise<FleetTask> {
    return read(this.#api, fleetTaskShape, { method: 'POST', path: consolePaths.tasks, body });
  }

  async cancel(id: string): Promise<FleetTask> {
    return read(this.#api, fleetTaskShape, { method: 'POST', path: `${within(consolePaths.tasks, id)}/cancel` });
  }
}
