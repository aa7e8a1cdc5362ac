/** The signed-in person: sessions, password and second factor. */
import {
  consolePaths,
  sessionListShape,
  sessionShape,
  signedInShape,
  totpConfirmedShape,
  totpEnrolmentShape,
} from '@cordon/protocol/console';
import type {
  ChangePassword,
  DisableTotp,
  Session,
  SessionRecord,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
} from '@cordon/protocol/console';
import { read } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class OwnAccount {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  /** Who is signed in, and what they must do first. */
  async session(): Promise<Session> {
    return read(this.#api, sessionShape, { method: 'GET', path: consolePaths.session });
  }

  async sessions(): Promise<SessionRecord[]> {
    return (await read(this.#api, sessionListShape, { method: 'GET', path: consolePaths.sessions })).sessions;
  }

  async endOtherSessions(): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: consolePaths.sessions });
  }

  /** Ends every session, this one too; the answer is a new one. */
  async changePassword(body: ChangePassword): Promise<SignedIn> {
    return read(this.#api, signedInShape, { method: 'POST', path: consolePaths.password, body });
  }

  /** A secret for an authenticator; it counts once `confirmTotp` has sent a code back. */
  async beginTotp(password: string): Promise<TotpEnrolment> {
    return read(this.#api, totpEnrolmentShape, { method: 'POST', path: consolePaths.totp, body: { password } });
  }

  /** Ends every session, this one too. The answer has a new one, and the recovery codes, which are shown only once. */
  async confirmTotp(code: string): Promise<TotpConfirmed> {
    return read(this.#api, totpConfirmedShape, {
      method: 'POST',
      path: `${consolePaths.totp}/confirm`,
      body: { code },
    });
  }

  async disableTotp(body: DisableTotp): Promise<void> {
    await this.#api.send({ method: 'POST', path: `${consolePaths.totp}/disable`, body });
  }
}
