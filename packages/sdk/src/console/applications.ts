/** Applications that may use the Automation API. */
import { consolePaths, applicationListShape, applicationWithKeyShape } from '@cordon/protocol/console';
import type { AddApplication, Application, ApplicationWithKey, ChangeApplication } from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleApplications {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(): Promise<Application[]> {
    return (await read(this.#api, applicationListShape, { method: 'GET', path: consolePaths.applications }))
      .applications;
  }

  /** The key in the answer is shown only once. */
  async add(body: AddApplication): Promise<ApplicationWithKey> {
    return read(this.#api, applicationWithKeyShape, { method: 'POST', path: consolePaths.applications, body });
  }

  async change(id: string, body: ChangeApplication): Promise<void> {
    await this.#api.send({ method: 'PATCH', path: within(consolePaths.applications, id), body });
  }

  /** Makes a new key; the old one stops working at once. */
  async rotate(id: string): Promise<ApplicationWithKey> {
    return read(this.#api, applicationWithKeyShape, {
      method: 'POST',
      path: `${within(consolePaths.applications, id)}/rotate`,
    });
  }

  async remove(id: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.applications, id) });
  }
}
