/** Groups of agents, and how they treat suspicious objects. */
import { consolePaths, groupListShape, groupShape } from '@cordon/protocol/console';
import type { Group, GroupBody } from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleGroups {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(): Promise<Group[]> {
    return (await read(this.#api, groupListShape, { method: 'GET', path: consolePaths.groups })).groups;
  }

  /** Adds or changes a group; its agents follow at once. Fields that are left out stay as they were. */
  async put(name: string, body: GroupBody): Promise<Group> {
    return read(this.#api, groupShape, { method: 'PUT', path: within(consolePaths.groups, name), body });
  }

  async remove(name: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.groups, name) });
  }
}
