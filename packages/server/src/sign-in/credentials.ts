/** Checks passwords and codes, and throttles failed attempts. */
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { passwordFits, unmatchableHash } from '../accounts/passwords.ts';
import type { PasswordCost } from '../accounts/passwords.ts';
import { findAccount, useRecoveryCode, useTotpStep } from '../accounts/rows.ts';
import type { AccountRow } from '../accounts/rows.ts';
import { recoveryHash, secretOf } from './totp-secret.ts';
import { stepOf } from './totp.ts';
import {
  countAttempt,
  byAccount,
  byAddress,
  byBoth,
  byCode,
  forgiveSignIn,
  forgiveAttempt,
  networkOf,
  refuseLocked,
} from './throttle.ts';
import type { ThrottleKey } from './throttle.ts';
import { PasswordQueue } from './password-queue.ts';

export interface CredentialsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly sealer: Sealer;
  readonly passwordCost: PasswordCost;
  readonly now: () => number;
}

export class Credentials {
  readonly #deps: CredentialsDeps;
  readonly #queue = new PasswordQueue();
  readonly #unmatchable: string;

  constructor(deps: CredentialsDeps) {
    this.#deps = deps;
    this.#unmatchable = unmatchableHash(deps.passwordCost);
  }

  /** The account with this user name and password; refuses otherwise. */
  async password(actor: Actor, user: string, password: string): Promise<AccountRow> {
    const row = await findAccount(this.#deps.database.read, user);
    // Strangers can throttle an account; that must not lock out its owner at their usual address.
    const isKnown = row !== undefined && row.last_sign_in_from === actor.source;
    const counted = [byAddress(actor.source), byBoth(user, actor.source), ...(isKnown ? [] : [byAccount(user)])];
    // Throttled callers take no place in the queue.
    await refuseLocked(this.#deps.database.read, counted, this.#deps.now());
    return this.#queue.take(networkOf(actor.source), () => this.#judge(actor, { user, password, row, counted }));
  }

  /**
   * Refuses unless the code is valid for that account: a current one-time code, or a recovery code. Each is accepted
   * once.
   */
  async code(actor: Actor, row: AccountRow, code: string): Promise<void> {
    const counted = [byCode(row.user_name)];
    await this.#begin(counted);
    const way = await this.#deps.database.write(async (tx) => {
      const taken = await this.#take(tx, row, code);
      if (taken !== undefined) await forgiveAttempt(tx, counted);
      if (taken === 'recovery') {
        const fact = { act: 'use-recovery-code', target: `user:${row.user_name}`, outcome: 'done', detail: '' };
        await this.#deps.audit.record(tx, { ...actor, name: `user:${row.user_name}` }, fact);
      }
      return taken;
    });
    if (way !== undefined) return;
    this.#refused(actor, row.user_name, 'wrong code');
    throw new ConsoleRefusal(401, 'code-refused', 'The code is wrong or already used. Wait for the next one.');
  }

  async #judge(
    actor: Actor,
    {
      user,
      password,
      row,
      counted,
    }: { user: string; password: string; row: AccountRow | undefined; counted: readonly ThrottleKey[] },
  ): Promise<AccountRow> {
    await this.#begin(counted);
    // An unknown user costs as much as a wrong password, so that the two cannot be distinguished.
    const fits = await passwordFits(password, row?.password_hash ?? this.#unmatchable);
    if (!fits || row === undefined) {
      this.#refused(actor, row?.user_name, 'wrong user or password');
      throw new ConsoleRefusal(401, 'sign-in-refused', 'User or password is wrong.');
    }
    await this.#deps.database.write((tx) => forgiveSignIn(tx, user, actor.source));
    if (row.disabled === 1) {
      this.#refused(actor, user, 'the account is disabled');
      throw new ConsoleRefusal(403, 'account-disabled', 'This account is disabled. An Administrator can enable it.');
    }
    return row;
  }

  #begin(counted: readonly ThrottleKey[]): Promise<void> {
    return this.#deps.database.write((tx) => countAttempt(tx, counted, this.#deps.now()));
  }

  async #take(tx: Queries, row: AccountRow, code: string): Promise<'authenticator' | 'recovery' | undefined> {
    const { sealer, now } = this.#deps;
    if (row.totp_secret === null) return undefined;
    const step = stepOf(secretOf(sealer, row.user_name, row.totp_secret), code, { now: now(), after: row.totp_step });
    if (step !== undefined) return (await useTotpStep(tx, row.user_name, step)) ? 'authenticator' : undefined;
    const isRecovery = await useRecoveryCode(tx, row.user_name, recoveryHash(sealer, row.user_name, code));
    return isRecovery ? 'recovery' : undefined;
  }

  /** Unknown user names are not logged: some people type the password there. */
  #refused(actor: Actor, user: string | undefined, detail: string): void {
    const target = user === undefined ? 'an unknown user' : `user:${user}`;
    this.#deps.audit.refused(actor, { act: 'sign-in', target, outcome: 'refused', detail });
  }
}
