/** Accounts as Administrators manage them, and the first Administrator. */
import type {
  Account,
  AccountSettings,
  AccountWithPassword,
  AddAccount,
  ChangeAccount,
} from '@cordon/protocol/console';
import type { Actor, Audit, Fact } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { hashPassword, newPassword } from './passwords.ts';
import type { PasswordCost } from './passwords.ts';
import {
  addAccount,
  administratorsForChange,
  allAccounts,
  anyAccount,
  changeAccount,
  deleteAccount,
} from './queries.ts';
import { findAccount, deleteRecoveryCodes } from './rows.ts';
import type { AccountChange, AccountRow } from './rows.ts';
import { scopeForm } from '../access/scope.ts';
import { accountSettings, storeAccountSettings } from './settings.ts';

/** Ends the sessions of a changed account. */
export interface SessionEnding {
  endAll(tx: Queries, user: string): Promise<void>;
  /** Call after the commit. */
  publishEnded(): void;
}

export interface AccountsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly sessions: SessionEnding;
  readonly passwordCost: PasswordCost;
  readonly now: () => number;
}

/** Enough for everybody at a large site; the list has no pages. */
const maxAccounts = 1000;
const withoutTotp: AccountChange = { totp_secret: null, totp_pending: null };

export class Accounts {
  readonly #deps: AccountsDeps;

  constructor(deps: AccountsDeps) {
    this.#deps = deps;
  }

  /** Creates the account `admin` on a database that has none, and returns its password once. */
  async firstAdministrator(): Promise<{ user: string; password: string } | undefined> {
    if (await anyAccount(this.#deps.database.read)) return undefined;
    const { row, password } = await this.#newAccount({ user: 'admin', role: 'Administrator' });
    const isFirst = await this.#deps.database.write(async (tx) => {
      // Several nodes may start on an empty database at once; only one of them creates the account.
      if (!(await addAccount(tx, row))) return false;
      await this.#record(tx, server, { act: 'set-password', user: row.user_name });
      return true;
    });
    return isFirst ? { user: row.user_name, password } : undefined;
  }

  /**
   * Gives `admin` a new password, ends its sessions, and resets what may keep it out: a disabled account, another role,
   * a lost second factor. For people who can reach the database anyway.
   */
  async resetAdministrator(): Promise<{ user: string; password: string }> {
    const { row, password } = await this.#newAccount({ user: 'admin', role: 'Administrator' });
    const { user_name: user, password_hash, role } = row;
    await this.#deps.database.write(async (tx) => {
      if (!(await addAccount(tx, row))) {
        const free = { role, scope: toJson<string[]>([]), disabled: 0, must_change_password: 0 } as const;
        await changeAccount(tx, user, { password_hash, ...free, ...withoutTotp });
        await deleteRecoveryCodes(tx, user);
        await this.#deps.sessions.endAll(tx, user);
      }
      await this.#record(tx, server, { act: 'set-password', user });
    });
    this.#deps.sessions.publishEnded();
    return { user, password };
  }

  async list(): Promise<Account[]> {
    return (await allAccounts(this.#deps.database.read)).map(shown);
  }

  /** A new account, with a password that only allows choosing another. */
  async add(actor: Actor, desired: AddAccount): Promise<AccountWithPassword> {
    const { row, password } = await this.#newAccount(desired);
    row.must_change_password = 1;
    await this.#deps.database.write(async (tx) => {
      if ((await allAccounts(tx)).length >= maxAccounts) {
        throw new ConsoleRefusal(
          409,
          'too-many-accounts',
          `There are ${maxAccounts} accounts, which is the limit. Remove one first.`,
        );
      }
      if (!(await addAccount(tx, row))) {
        throw new ConsoleRefusal(409, 'account-exists', `The account ${row.user_name} already exists.`);
      }
      const detail = JSON.stringify({ role: row.role, scope: fromJson(row.scope) });
      await this.#record(tx, actor, { act: 'add-account', user: row.user_name, detail });
    });
    return { account: shown(row), password };
  }

  /** Ends its sessions, because their permissions were decided when they began. */
  async change(actor: Actor, user: string, desired: ChangeAccount): Promise<Account> {
    const after = await this.#apply(
      actor,
      user,
      { act: 'change-account', detail: JSON.stringify(desired) },
      (before) => {
        const role = desired.role ?? before.role;
        const scope = desired.scope === undefined ? before.scope : scopeText(desired.scope);
        refuseLimited(role, scope);
        return { role, scope, disabled: desired.disabled === undefined ? before.disabled : desired.disabled ? 1 : 0 };
      },
    );
    return shown(after);
  }

  /** A new password that only allows choosing another; for people who have lost theirs. */
  async resetPassword(actor: Actor, user: string): Promise<AccountWithPassword> {
    const password = newPassword();
    const password_hash = await hashPassword(password, this.#deps.passwordCost);
    const change = { password_hash, must_change_password: 1 as const };
    const after = await this.#apply(actor, user, { act: 'reset-password', detail: '' }, () => change);
    return { account: shown(after), password };
  }

  /** Removes a lost second factor, and its recovery codes. */
  async resetTotp(actor: Actor, user: string): Promise<void> {
    await this.#apply(actor, user, { act: 'reset-totp', detail: '' }, async (_before, tx) => {
      await deleteRecoveryCodes(tx, user.toLowerCase());
      return withoutTotp;
    });
  }

  async remove(actor: Actor, user: string): Promise<void> {
    await this.#apply(actor, user, { act: 'remove-account', detail: '' }, async (_before, tx) => {
      await deleteAccount(tx, user.toLowerCase());
      return undefined;
    });
  }

  settings(): Promise<AccountSettings> {
    return accountSettings(this.#deps.database.read);
  }

  async changeSettings(actor: Actor, settings: AccountSettings): Promise<void> {
    await this.#deps.database.write(async (tx) => {
      const before = await accountSettings(tx);
      await storeAccountSettings(tx, { requireTotp: [...new Set(settings.requireTotp)] });
      const detail = JSON.stringify({ before, after: settings });
      const fact = { act: 'change-account-settings', target: 'accounts', outcome: 'done', detail };
      await this.#deps.audit.record(tx, actor, fact);
    });
    // Anyone without a second factor, if it is required now, has fewer permissions than before.
    this.#deps.sessions.publishEnded();
  }

  /** Changes one account and ends its sessions; rolled back unless an enabled Administrator remains. */
  async #apply(
    actor: Actor,
    name: string,
    { act, detail }: Pick<Fact, 'act' | 'detail'>,
    changeOf: (before: AccountRow, tx: Queries) => AccountChange | Promise<AccountChange | undefined>,
  ): Promise<AccountRow> {
    const { database, sessions } = this.#deps;
    const user = name.toLowerCase();
    const after = await database.write(async (tx) => {
      // Before anything is read: two changes that could each remove the other's Administrator must run one after the
      // other.
      await administratorsForChange(tx, database);
      const before = await findAccount(tx, user);
      if (before === undefined) throw unknown(name);
      const change = await changeOf(before, tx);
      if (change !== undefined) await changeAccount(tx, user, change);
      if (!(await administratorsForChange(tx, database)).some((one) => one.disabled === 0)) {
        const message = `${user} is the last enabled Administrator. Add another one first.`;
        throw new ConsoleRefusal(409, 'last-administrator', message);
      }
      await sessions.endAll(tx, user);
      await this.#record(tx, actor, { act, user, detail });
      return { ...before, ...change };
    });
    sessions.publishEnded();
    return after;
  }

  async #newAccount(desired: AddAccount): Promise<{ row: AccountRow; password: string }> {
    const password = newPassword();
    const scope = scopeText(desired.scope ?? []);
    refuseLimited(desired.role, scope);
    const row: AccountRow = {
      user_name: desired.user.toLowerCase(),
      password_hash: await hashPassword(password, this.#deps.passwordCost),
      role: desired.role,
      scope,
      disabled: 0,
      must_change_password: 0,
      totp_secret: null,
      totp_pending: null,
      totp_step: 0,
      created_at: this.#deps.now(),
      last_sign_in_at: null,
      last_sign_in_from: null,
    };
    return { row, password };
  }

  #record(tx: Queries, actor: Actor, fact: { act: string; user: string; detail?: string }): Promise<void> {
    const { act, user, detail = '' } = fact;
    return this.#deps.audit.record(tx, actor, { act, target: `user:${user}`, outcome: 'done', detail });
  }
}

const server: Actor = { name: 'server', source: '', requestId: '' };

/** Refuses a folder without a name: dropping it could leave no folder at all, which means everywhere. */
function scopeText(folders: readonly string[]): AccountRow['scope'] {
  const forms = scopeForm(folders);
  if (forms.every((form) => form.trim() !== '')) return toJson([...forms]);
  throw new ConsoleRefusal(400, 'scope-impossible', 'A folder in the scope has no name.');
}

/** Anyone who can create applications and accounts reaches every agent through them, so a limit would have no effect. */
function refuseLimited(role: AccountRow['role'], scope: AccountRow['scope']): void {
  if (role !== 'Administrator' || fromJson(scope).length === 0) return;
  const message = 'An Administrator cannot be limited to folders. Give the role Operator or Viewer, or no folders.';
  throw new ConsoleRefusal(400, 'scope-impossible', message);
}

function unknown(user: string): ConsoleRefusal {
  const message = `There is no account ${user}. "cordon accounts list" shows all of them.`;
  return new ConsoleRefusal(404, 'account-unknown', message);
}

function shown(row: AccountRow): Account {
  const scope = fromJson(row.scope);
  return {
    user: row.user_name,
    role: row.role,
    scope,
    disabled: row.disabled === 1,
    totp: row.totp_secret !== null,
    mustChangePassword: row.must_change_password === 1,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
