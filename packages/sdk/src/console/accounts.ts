/** Accounts of all people, for Administrators. */
import {
  consolePaths,
  accountListShape,
  accountSettingsShape,
  accountShape,
  accountWithPasswordShape,
} from '@cordon/protocol/console';
import type {
  Account,
  AccountSettings,
  AccountWithPassword,
  AddAccount,
  ChangeAccount,
} from '@cordon/protocol/console';
import { read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export class ConsoleAccounts {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(): Promise<Account[]> {
    return (await read(this.#api, accountListShape, { method: 'GET', path: consolePaths.accounts })).accounts;
  }

  /** The password in the answer is shown only once, and can only be used to choose another. */
  async add(body: AddAccount): Promise<AccountWithPassword> {
    return read(this.#api, accountWithPasswordShape, { method: 'POST', path: consolePaths.accounts, body });
  }

  /** Ends the sessions of the account. */
  async change(user: string, body: ChangeAccount): Promise<Account> {
    return read(this.#api, accountShape, { method: 'PATCH', path: within(consolePaths.accounts, user), body });
  }

  async resetPassword(user: string): Promise<AccountWithPassword> {
    return read(this.#api, accountWithPasswordShape, {
      method: 'POST',
      path: `${within(consolePaths.accounts, user)}/reset-password`,
    });
  }

  /** Removes the second factor of a person who lost it. */
  async resetTotp(user: string): Promise<void> {
    await this.#api.send({ method: 'POST', path: `${within(consolePaths.accounts, user)}/reset-totp` });
  }

  async remove(user: string): Promise<void> {
    await this.#api.send({ method: 'DELETE', path: within(consolePaths.accounts, user) });
  }

  async settings(): Promise<AccountSettings> {
    return read(this.#api, accountSettingsShape, { method: 'GET', path: consolePaths.accountSettings });
  }

  async changeSettings(body: AccountSettings): Promise<void> {
    await this.#api.send({ method: 'PUT', path: consolePaths.accountSettings, body });
  }
}
