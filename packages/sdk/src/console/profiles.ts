/** What stays reachable from isolated endpoints. */
import { consolePaths, profileListShape } from '@cordon/protocol/console';
import type { Profile, ProfileBody } from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleProfiles {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(): Promise<Profile[]> {
    return (await read(this.#api, profileListShape, { method: 'GET', path: consolePaths.profiles })).profiles;
  }

  /** Adds or replaces a profile; endpoints isolated under it follow at once. */
  async put(name: string, body: ProfileBody): Promise<void> {
    await this.#api.send({ method: 'PUT', path: within(consolePaths.profiles, name), body });
  }

  async remove(name: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.profiles, name) });
  }
}
