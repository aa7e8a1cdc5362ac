/** Who may use the server: the signed-in person, all accounts, and applications. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type {
  Account,
  AccountSettings,
  AccountWithPassword,
  AddAccount,
  AddApplication,
  Application,
  ApplicationWithKey,
  ChangeAccount,
  ChangeApplication,
  ChangePassword,
  DisableTotp,
  Session,
  SessionRecord,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
} from '@cordon/protocol/console';
import { ConsolePart, within } from './console-api.ts';

/** The signed-in person: sessions, password and second factor. */
export class OwnAccount extends ConsolePart {
  /** Who is signed in, and what they must do first. */
  async session(): Promise<Session> {
    return this.load((all) => all.sessionShape, consolePaths.session);
  }

  async sessions(): Promise<SessionRecord[]> {
    return (await this.load((all) => all.sessionListShape, consolePaths.sessions)).sessions;
  }

  async endOtherSessions(): Promise<void> {
    await this.send('DELETE', consolePaths.sessions);
  }

  /** Ends every session, this one too; the answer is a new one. */
  async changePassword(body: ChangePassword): Promise<SignedIn> {
    return this.post((all) => all.signedInShape, consolePaths.password, body);
  }

  /** A secret for an authenticator; it counts once `confirmTotp` has sent a code back. */
  async beginTotp(password: string): Promise<TotpEnrolment> {
    return this.post((all) => all.totpEnrolmentShape, consolePaths.totp, { password });
  }

  /** Ends every session, this one too. The answer has a new one, and the recovery codes, which are shown only once. */
  async confirmTotp(code: string): Promise<TotpConfirmed> {
    return this.post((all) => all.totpConfirmedShape, `${consolePaths.totp}/confirm`, { code });
  }

  async disableTotp(body: DisableTotp): Promise<void> {
    await this.send('POST', `${consolePaths.totp}/disable`, body);
  }
}

/** Accounts of all people, for Administrators. */
export class ConsoleAccounts extends ConsolePart {
  async list(): Promise<Account[]> {
    return (await this.load((all) => all.accountListShape, consolePaths.accounts)).accounts;
  }

  /** The password in the answer is shown only once, and can only be used to choose another. */
  async add(body: AddAccount): Promise<AccountWithPassword> {
    return this.post((all) => all.accountWithPasswordShape, consolePaths.accounts, body);
  }

  /** Ends the sessions of the account. */
  async change(user: string, body: ChangeAccount): Promise<Account> {
    return this.read((all) => all.accountShape, { method: 'PATCH', path: within(consolePaths.accounts, user), body });
  }

  async resetPassword(user: string): Promise<AccountWithPassword> {
    return this.post((all) => all.accountWithPasswordShape, `${within(consolePaths.accounts, user)}/reset-password`);
  }

  /** Removes the second factor of a person who lost it. */
  async resetTotp(user: string): Promise<void> {
    await this.send('POST', `${within(consolePaths.accounts, user)}/reset-totp`);
  }

  async remove(user: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.accounts, user));
  }

  async settings(): Promise<AccountSettings> {
    return this.load((all) => all.accountSettingsShape, consolePaths.accountSettings);
  }

  async changeSettings(body: AccountSettings): Promise<void> {
    await this.send('PUT', consolePaths.accountSettings, body);
  }
}

/** Applications that may use the Automation API. */
export class ConsoleApplications extends ConsolePart {
  async list(): Promise<Application[]> {
    return (await this.load((all) => all.applicationListShape, consolePaths.applications)).applications;
  }

  /** The key in the answer is shown only once. */
  async add(body: AddApplication): Promise<ApplicationWithKey> {
    return this.post((all) => all.applicationWithKeyShape, consolePaths.applications, body);
  }

  async change(id: string, body: ChangeApplication): Promise<void> {
    await this.send('PATCH', within(consolePaths.applications, id), body);
  }

  /** Makes a new key; the old one stops working at once. */
  async rotate(id: string): Promise<ApplicationWithKey> {
    return this.post((all) => all.applicationWithKeyShape, `${within(consolePaths.applications, id)}/rotate`);
  }

  async remove(id: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.applications, id));
  }
}
