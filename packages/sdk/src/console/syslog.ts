/** The syslog collector. */
import { consolePaths, syslogShape, syslogTestShape } from '@cordon/protocol/console';
import type { Syslog, SyslogSettings, SyslogTest } from '@cordon/protocol/console';
import { read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleSyslog {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** Its settings, and how far it has come. */
  async get(): Promise<Syslog> {
    return read(this.#api, syslogShape, { method: 'GET', path: consolePaths.syslog });
  }

  async set(body: SyslogSettings): Promise<void> {
    await this.#api.send({ method: 'PUT', path: consolePaths.syslog, body });
  }

  async remove(): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: consolePaths.syslog });
  }

  /** Sends the collector one line, now. */
  async test(): Promise<SyslogTest> {
    return read(this.#api, syslogTestShape, { method: 'POST', path: `${consolePaths.syslog}/test` });
  }
}
