/** Accounts of people: signing in, sessions, and the first administrator. */
import { createHash, randomBytes } from 'node:crypto';
import type { SignIn, SignedIn } from '@cordon/protocol/console';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { hashPassword, newPassword, passwordFits } from './passwords.ts';
import {
  account,
  addAccount,
  anyAccount,
  clearFailures,
  deleteSession,
  deleteSessionsOf,
  insertSession,
  noteFailure,
  putAccount,
  session,
} from './queries.ts';

export interface AccountsParts {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
}

const sessionMilliseconds = 12 * 3_600_000;
/** After this many wrong passwords an account waits, twice as long each time. */
const freeFailures = 5;
const longestLock = 15 * 60_000;
/** Tries at once; each takes 32 MiB, and strangers may not take more. */
const mostTriesAtOnce = 4;

export class Accounts {
  readonly #parts: AccountsParts;
  #tries = 0;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** Makes the account `admin` on a database that has none, and returns its password this once. */
  async firstAdministrator(): Promise<{ user: string; password: string } | undefined> {
    if (await anyAccount(this.#parts.database.read)) return undefined;
    const made = await this.#newPassword();
    const isFirst = await this.#parts.database.write(async (tx) => {
      // Several nodes may start on an empty database at once; one of them makes the account.
      if (!(await addAccount(tx, made.row))) return false;
      await this.#recordPassword(tx, made.user);
      return true;
    });
    return isFirst ? { user: made.user, password: made.password } : undefined;
  }

  /** Gives `admin` a new password and ends its sessions; for those who can reach the database anyway. */
  async resetAdministrator(): Promise<{ user: string; password: string }> {
    const { user, password, row } = await this.#newPassword();
    await this.#parts.database.write(async (tx) => {
      await putAccount(tx, row);
      await deleteSessionsOf(tx, user);
      await this.#recordPassword(tx, user);
    });
    return { user, password };
  }

  async #newPassword(): Promise<{ user: string; password: string; row: Row<'accounts'> }> {
    const [user, password] = ['admin', newPassword()];
    const row = { user_name: user, password_hash: await hashPassword(password), role: 'Administrator' };
    return { user, password, row: { ...row, failures: 0, locked_until: 0, created_at: this.#parts.now() } };
  }

  #recordPassword(tx: Queries, user: string): Promise<void> {
    const actor = { name: 'server', source: '', requestId: '' };
    const fact = { act: 'set-password', target: `user:${user}`, outcome: 'done', detail: '' };
    return this.#parts.audit.record(tx, actor, fact);
  }

  async signIn(actor: Actor, given: SignIn): Promise<SignedIn & { readonly token: string }> {
    if (this.#tries >= mostTriesAtOnce) {
      throw new ConsoleRefusal(
        503,
        'too-many',
        'Too many people are signing in at this moment. Try again in a second.',
      );
    }
    this.#tries += 1;
    try {
      await this.#judge(actor, given);
    } finally {
      this.#tries -= 1;
    }
    return this.#openSession(actor, given.user);
  }

  /** The user of a session's token, or undefined when there is none or it is over. */
  async userOf(token: string): Promise<string | undefined> {
    const row = await session(this.#parts.database.read, hashOf(token));
    return row !== undefined && row.expires_at > this.#parts.now() ? row.user_name : undefined;
  }

  async signOut(token: string): Promise<void> {
    await this.#parts.database.write((tx) => deleteSession(tx, hashOf(token)));
  }

  async #judge(actor: Actor, given: SignIn): Promise<void> {
    const row = await account(this.#parts.database.read, given.user);
    const now = this.#parts.now();
    if (row !== undefined && row.locked_until > now) {
      const seconds = Math.ceil((row.locked_until - now) / 1000);
      throw new ConsoleRefusal(
        429,
        'locked',
        `Too many wrong passwords. This account can be tried again in ${seconds} s.`,
      );
    }
    // An unknown user costs as much as a wrong password, so that the two cannot be told apart.
    const fits = await passwordFits(given.password, row?.password_hash ?? nobody);
    if (fits && row !== undefined) return;
    if (row !== undefined) {
      const lockedUntil = row.failures + 1 < freeFailures ? 0 : now + lockFor(row.failures + 1);
      await this.#parts.database.write((tx) => noteFailure(tx, given.user, lockedUntil));
    }
    const fact = { act: 'sign-in', target: `user:${given.user}`, outcome: 'refused', detail: 'wrong user or password' };
    this.#parts.audit.refused(actor, fact);
    throw new ConsoleRefusal(401, 'sign-in-refused', 'User or password is wrong.');
  }

  async #openSession(actor: Actor, user: string): Promise<SignedIn & { readonly token: string }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#parts.now();
    const expiresAt = now + sessionMilliseconds;
    await this.#parts.database.write(async (tx) => {
      await clearFailures(tx, user);
      await insertSession(tx, { token_hash: hashOf(token), user_name: user, created_at: now, expires_at: expiresAt });
      const fact = { act: 'sign-in', target: `user:${user}`, outcome: 'done', detail: '' };
      await this.#parts.audit.record(tx, { ...actor, name: `user:${user}` }, fact);
    });
    // There is one account so far, and it may do everything.
    const may = { role: 'Administrator' as const, scope: [], totp: false, mustChangePassword: false };
    return { token, user, expiresAt, ...may, mustSetUpTotp: false, idleSeconds: null };
  }
}

/** A hash that no password fits, of the same cost as a real one. */
const nobody = `scrypt$32768$8$1$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

function lockFor(failures: number): number {
  return Math.min(longestLock, 1000 * 2 ** (failures - freeFailures));
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
