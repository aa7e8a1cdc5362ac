/** How much one caller may cut off alone. */
import { consolePaths, guardSettingsShape } from '@cordon/protocol/console';
import type { GuardSettings } from '@cordon/protocol/console';
import { read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleGuard {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async settings(): Promise<GuardSettings> {
    return read(this.#api, guardSettingsShape, { method: 'GET', path: consolePaths.guard });
  }

  async change(body: GuardSettings): Promise<void> {
    await this.#api.send({ method: 'PUT', path: consolePaths.guard, body });
  }
}
