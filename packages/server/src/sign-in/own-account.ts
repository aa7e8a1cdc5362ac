/** Signing in, and changes to one's own account: each ends in a new session with a new token. */
import type { SignIn, TotpEnrolment } from '@cordon/protocol/console';
import type { Actor, Audit, Fact } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Person } from '../http/console.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { hashPassword, weaknessOf } from '../accounts/passwords.ts';
import type { PasswordCost } from '../accounts/passwords.ts';
import type { Credentials } from './credentials.ts';
import { findAccount, changeUnlessChanged, deleteRecoveryCodes, putRecoveryCodes } from '../accounts/rows.ts';
import type { AccountChange, AccountRow } from '../accounts/rows.ts';
import { newRecoveryCode, newSecret, recoveryHash, sealSecret, secretOf } from './totp-secret.ts';
import { accountSettings } from '../accounts/settings.ts';
import type { OpenedSession, Sessions } from './sessions.ts';
import { base32, otpauthUri, stepOf } from './totp.ts';

export interface OwnAccountDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly sealer: Sealer;
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly passwordCost: PasswordCost;
  readonly now: () => number;
}

const recoveryCodes = 10;

export class OwnAccount {
  readonly #deps: OwnAccountDeps;

  constructor(deps: OwnAccountDeps) {
    this.#deps = deps;
  }

  /** Opens a session after checking the password and, if the account has a second factor, a code. */
  async signIn(actor: Actor, given: SignIn, kind: Person['kind']): Promise<OpenedSession> {
    const { credentials, sessions, now } = this.#deps;
    await sessions.sweep();
    const row = await credentials.password(actor, given.user.toLowerCase(), given.password);
    if (row.totp_secret !== null) {
      if (given.code === undefined) {
        throw new ConsoleRefusal(401, 'code-required', 'This account has a second factor. Send its code as well.');
      }
      await credentials.code(actor, row, given.code);
    }
    const change = { last_sign_in_at: now(), last_sign_in_from: actor.source };
    return this.#deps.database.write(async (tx) => {
      await this.#change(tx, row, change);
      await this.#record(tx, actor, row, { act: 'sign-in', detail: given.code === undefined ? '' : 'second factor' });
      return sessions.open(tx, { ...row, ...change }, { kind, source: actor.source });
    });
  }

  /** Sets the password of one's own choice; every session ends. */
  async changePassword(
    actor: Actor,
    person: Person,
    given: { current: string; password: string },
  ): Promise<OpenedSession> {
    const weakness = weaknessOf(given.password, person.user);
    if (weakness !== undefined) throw new ConsoleRefusal(400, 'password-weak', weakness);
    const row = await this.#deps.credentials.password(actor, person.user, given.current);
    if (given.password === given.current) {
      throw new ConsoleRefusal(
        400,
        'password-weak',
        'The new password is the same as the current one. Choose another.',
      );
    }
    const password_hash = await hashPassword(given.password, this.#deps.passwordCost);
    const change = { password_hash, must_change_password: 0 as const };
    return this.#rise({ actor, person, row, change }, { act: 'change-password', detail: 'every session has ended' });
  }

  /** A new secret for an authenticator; it counts once it is confirmed with a code. */
  async beginTotp(actor: Actor, person: Person, password: string): Promise<TotpEnrolment> {
    const row = await this.#deps.credentials.password(actor, person.user, password);
    if (row.totp_secret !== null) throw hasTotp();
    const secret = newSecret();
    const sealed = sealSecret(this.#deps.sealer, person.user, secret);
    await this.#deps.database.write((tx) => this.#change(tx, row, { totp_pending: sealed }));
    return { uri: otpauthUri(person.user, secret), secret: base32(secret) };
  }

  /** Confirms the set-up with a code; every session ends, and the recovery codes are shown only once. */
  async confirmTotp(actor: Actor, person: Person, code: string): Promise<{ codes: string[]; opened: OpenedSession }> {
    const { database, sealer, now } = this.#deps;
    const row = await findAccount(database.read, person.user);
    if (row === undefined || row.totp_secret !== null) throw hasTotp();
    if (row.totp_pending === null) {
      throw new ConsoleRefusal(409, 'totp-not-begun', 'Begin to set up the second factor first: POST /api/v1/totp.');
    }
    const secret = secretOf(sealer, person.user, row.totp_pending);
    const step = stepOf(secret, code, { now: now(), after: 0 });
    if (step === undefined) {
      const message = 'The code does not match. Check the clock of the device with your authenticator.';
      throw new ConsoleRefusal(400, 'code-refused', message);
    }
    const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
    const change = { totp_secret: row.totp_pending, totp_pending: null, totp_step: step };
    const hashes = codes.map((one) => recoveryHash(sealer, person.user, one));
    const opened = await this.#rise({ actor, person, row, change }, { act: 'enable-totp', detail: '' }, (tx) =>
      putRecoveryCodes(tx, person.user, hashes),
    );
    return { codes, opened };
  }

  async disableTotp(actor: Actor, person: Person, given: { password: string; code: string }): Promise<void> {
    const row = await this.#deps.credentials.password(actor, person.user, given.password);
    if (row.totp_secret === null) throw new ConsoleRefusal(409, 'totp-absent', 'This account has no second factor.');
    const { requireTotp } = await accountSettings(this.#deps.database.read);
    if (requireTotp.includes(row.role)) {
      throw new ConsoleRefusal(409, 'totp-required', `The role ${row.role} requires a second factor.`);
    }
    await this.#deps.credentials.code(actor, row, given.code);
    await this.#deps.database.write(async (tx) => {
      await this.#change(tx, row, { totp_secret: null, totp_pending: null });
      await deleteRecoveryCodes(tx, person.user);
      await this.#record(tx, actor, row, { act: 'disable-totp', detail: '' });
    });
  }

  /** After stronger proof, earlier tokens must not remain valid: every session ends, and a new one begins. */
  async #rise(
    what: { actor: Actor; person: Person; row: AccountRow; change: AccountChange },
    fact: Pick<Fact, 'act' | 'detail'>,
    also: (tx: Queries) => Promise<void> = async () => {},
  ): Promise<OpenedSession> {
    const { actor, person, row, change } = what;
    const { sessions, database } = this.#deps;
    const opened = await database.write(async (tx) => {
      await this.#change(tx, row, change);
      await also(tx);
      await sessions.endAll(tx, person.user);
      await this.#record(tx, actor, row, fact);
      return sessions.open(tx, { ...row, ...change }, { kind: person.kind, source: actor.source });
    });
    sessions.publishEnded();
    return opened;
  }

  /** Somebody may have reset, disabled or removed the account in the meantime; then the earlier checks do not count. */
  async #change(tx: Queries, proved: AccountRow, change: AccountChange): Promise<void> {
    if (await changeUnlessChanged(tx, proved, change)) return;
    throw new ConsoleRefusal(409, 'account-changed', 'This account was changed in the meantime. Sign in again.');
  }

  #record(tx: Queries, actor: Actor, row: AccountRow, fact: Pick<Fact, 'act' | 'detail'>): Promise<void> {
    const name = `user:${row.user_name}`;
    return this.#deps.audit.record(tx, { ...actor, name }, { ...fact, target: name, outcome: 'done' });
  }
}

function hasTotp(): ConsoleRefusal {
  const message = 'This account has a second factor. Disable it first, or ask an Administrator to reset it.';
  return new ConsoleRefusal(409, 'totp-present', message);
}
