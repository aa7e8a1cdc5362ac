/** Tokens that endpoints enrol with. */
import { consolePaths, newEnrolmentTokenShape } from '@cordon/protocol/console';
import type { AddEnrolmentToken, NewEnrolmentToken } from '@cordon/protocol/console';
import { read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleEnrolment {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** The token is in this answer only. */
  async addToken(body: AddEnrolmentToken): Promise<NewEnrolmentToken> {
    return read(this.#api, newEnrolmentTokenShape, { method: 'POST', path: consolePaths.enrolmentTokens, body });
  }
}
