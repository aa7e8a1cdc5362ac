/** Accounts of Cordon's console: one's own password and second factor, and everybody's for Administrators. */
import { readAnswerAs } from '@cordon/protocol/console/answers';
import type { AnswerName, AnswerOf } from '@cordon/protocol/console/answers';
import type {
  Account,
  AccountSettings,
  AccountWithPassword,
  AddAccount,
  ChangeAccount,
  ChangePassword,
  DisableTotp,
  Session,
  SessionRecord,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
} from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/words';
import type { ConsoleCall, ConsoleClient } from './console-client.ts';
import { ProtocolError } from './errors.ts';

export class ConsoleAccounts {
  readonly #client: ConsoleClient;

  /** Calls are made in the session of `client`. */
  constructor(client: ConsoleClient) {
    this.#client = client;
  }

  /** Who is signed in, and what they have to do first. */
  async session(): Promise<Session> {
    return this.#read('Session', { method: 'GET', path: consolePaths.session });
  }

  async sessions(): Promise<SessionRecord[]> {
    return (await this.#read('SessionList', { method: 'GET', path: consolePaths.sessions })).sessions;
  }

  async endOtherSessions(): Promise<void> {
    await this.#client.send({ method: 'DELETE', path: consolePaths.sessions });
  }

  /** Ends every session, this one too; the answer is a new one. */
  async changePassword(body: ChangePassword): Promise<SignedIn> {
    return this.#read('SignedIn', { method: 'POST', path: consolePaths.password, body });
  }

  /** A secret for an authenticator; it counts once `confirmTotp` has brought back a code. */
  async beginTotp(password: string): Promise<TotpEnrolment> {
    return this.#read('TotpEnrolment', { method: 'POST', path: consolePaths.totp, body: { password } });
  }

  /** Ends every session, this one too; the answer has a new one, and recovery codes that are told this once. */
  async confirmTotp(code: string): Promise<TotpConfirmed> {
    return this.#read('TotpConfirmed', { method: 'POST', path: `${consolePaths.totp}/confirm`, body: { code } });
  }

  async disableTotp(body: DisableTotp): Promise<void> {
    await this.#client.send({ method: 'POST', path: `${consolePaths.totp}/disable`, body });
  }

  async list(): Promise<Account[]> {
    return (await this.#read('AccountList', { method: 'GET', path: consolePaths.accounts })).accounts;
  }

  /** The password in the answer is shown this once, and good for choosing another. */
  async add(body: AddAccount): Promise<AccountWithPassword> {
    return this.#read('AccountWithPassword', { method: 'POST', path: consolePaths.accounts, body });
  }

  /** Its sessions end. */
  async change(user: string, body: ChangeAccount): Promise<Account> {
    return this.#read('Account', { method: 'PATCH', path: one(user), body });
  }

  async resetPassword(user: string): Promise<AccountWithPassword> {
    return this.#read('AccountWithPassword', { method: 'POST', path: `${one(user)}/reset-password` });
  }

  /** Takes the second factor of somebody who has lost it. */
  async resetTotp(user: string): Promise<void> {
    await this.#client.send({ method: 'POST', path: `${one(user)}/reset-totp` });
  }

  async remove(user: string): Promise<void> {
    await this.#client.send({ method: 'DELETE', path: one(user) });
  }

  async settings(): Promise<AccountSettings> {
    return this.#read('AccountSettings', { method: 'GET', path: consolePaths.accountSettings });
  }

  async changeSettings(body: AccountSettings): Promise<void> {
    await this.#client.send({ method: 'PUT', path: consolePaths.accountSettings, body });
  }

  async #read<A extends AnswerName>(name: A, call: ConsoleCall): Promise<AnswerOf<A>> {
    const value = await this.#client.send(call);
    const read = readAnswerAs(name, value);
    if (read !== undefined) return read;
    throw new ProtocolError(`${call.method} ${call.path} was answered with something else than a ${name}.`, {
      httpStatus: 200,
      // Not the answer itself: a password or a token may be in it.
      body: '',
      hint: 'Server and client are of versions that do not fit; bring both to the newer one.',
    });
  }
}

function one(user: string): string {
  return `${consolePaths.accounts}/${encodeURIComponent(user)}`;
}
