/** Sessions of people: a token that is stored as a hash, and the permissions it has now. */
import { createHash, randomBytes } from 'node:crypto';
import type { Session, SessionRecord } from '@cordon/protocol/console';
import type { AccountRow } from '../accounts/rows.ts';
import { accountSettings } from '../accounts/settings.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { fromJson } from '../database/json.ts';
import type { Person } from '../http/console.ts';
import {
  deleteSession,
  deleteSessionsOf,
  deleteExpired,
  insertSession,
  findSession,
  sessionsNamed,
  sessionsOf,
  touchSession,
} from './queries.ts';
import type { SessionRow } from './queries.ts';
import { failuresKeptMs } from './throttle.ts';

export interface SessionsDeps {
  readonly database: Database;
  readonly now: () => number;
  /** A browser's session ends after this long without activity. */
  readonly idleMilliseconds: number;
  /** Called after the commit when sessions have ended or lost permissions. */
  readonly ended: () => void;
}

/** A session that was just opened. */
export interface OpenedSession {
  /** Shown only once; the database has a hash. */
  readonly token: string;
  readonly session: Session;
}

const sessionMs = 12 * 3_600_000;
/** The precision of "last used"; otherwise each request would be a write. */
const touchIntervalMs = 30_000;

export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** A new session with a new token. The caller has authenticated the account, inside `tx` or before. */
  async open(tx: Queries, row: AccountRow, from: { kind: Person['kind']; source: string }): Promise<OpenedSession> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#deps.now();
    const opened = {
      token_hash: hashOf(token),
      user_name: row.user_name,
      ...from,
      created_at: now,
      last_used_at: now,
      expires_at: now + sessionMs,
    };
    await insertSession(tx, opened);
    return { token, session: this.#shown(await this.#personOf(tx, { ...opened, account: row })) };
  }

  /**
   * Whose token this is; undefined if it is unknown or its session is over. A session counts as in use only when a
   * person requests something, not when an open page does by itself.
   */
  async find(token: string, kind: Person['kind'], inUse = true): Promise<Person | undefined> {
    const { database, now } = this.#deps;
    const row = await findSession(database.read, hashOf(token));
    // A cookie's token is not valid in a header, nor the reverse: each is protected in its own way.
    if (row === undefined || row.kind !== kind || !this.#isGood(row)) return undefined;
    if (inUse && now() - row.last_used_at > touchIntervalMs) {
      await database.write((tx) => touchSession(tx, row.token_hash, now()));
    }
    return this.#personOf(database.read, row);
  }

  /** Which of these sessions have all the permissions of their role now. Does not count as use. */
  async stillValid(sessions: readonly string[]): Promise<ReadonlySet<string>> {
    const { read } = this.#deps.database;
    const { requireTotp } = await accountSettings(read);
    const rows = (await sessionsNamed(read, sessions)).filter((row) => this.#isGood(row));
    const free = rows.filter(({ account: owner }) => {
      const mustSetUpTotp = owner.totp_secret === null && requireTotp.includes(owner.role);
      return owner.must_change_password === 0 && !mustSetUpTotp;
    });
    return new Set(free.map((row) => row.token_hash));
  }

  /** What people see of their session. */
  describe(person: Person): Session {
    return this.#shown(person);
  }

  async list(person: Person): Promise<SessionRecord[]> {
    const rows = await sessionsOf(this.#deps.database.read, person.user);
    return rows
      .filter((row) => !this.#isOver(row))
      .map((row) => ({
        id: publicId(row.token_hash),
        kind: row.kind,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        expiresAt: row.expires_at,
        from: row.source,
        current: row.token_hash === person.session,
      }));
  }

  /** Ends the session of a token. */
  async end(token: string): Promise<void> {
    await this.#deps.database.write((tx) => deleteSession(tx, hashOf(token)));
    this.publishEnded();
  }

  /** Ends the session of this request. */
  async endThis(person: Person): Promise<void> {
    await this.#deps.database.write((tx) => deleteSession(tx, person.session));
    this.publishEnded();
  }

  /** Ends one of a person's own sessions; false if there is none with this id. */
  async endOne(person: Person, id: string): Promise<boolean> {
    const rows = await sessionsOf(this.#deps.database.read, person.user);
    const found = rows.find((row) => publicId(row.token_hash) === id);
    if (found === undefined) return false;
    await this.#deps.database.write((tx) => deleteSession(tx, found.token_hash));
    this.publishEnded();
    return true;
  }

  /** Ends a person's sessions except the one of this request. */
  async endOthers(person: Person): Promise<void> {
    await this.#deps.database.write((tx) => deleteSessionsOf(tx, person.user, person.session));
    this.publishEnded();
  }

  /**
   * Ends every session of a user, inside the transaction of the change that is the reason. Call `publishEnded` after
   * the commit.
   */
  endAll(tx: Queries, user: string): Promise<void> {
    return deleteSessionsOf(tx, user);
  }

  /** Lets holders of open connections check whether their session is still valid. */
  publishEnded(): void {
    this.#deps.ended();
  }

  /** Deletes expired sessions and old failures, in a transaction of its own. */
  async sweep(): Promise<void> {
    const now = this.#deps.now();
    await this.#deps.database.write((tx) => deleteExpired(tx, now, now - failuresKeptMs));
  }

  #isGood(row: SessionRow): boolean {
    return row.account.disabled === 0 && !this.#isOver(row);
  }

  #isOver(row: Row<'sessions'>): boolean {
    const now = this.#deps.now();
    if (row.expires_at <= now) return true;
    return row.kind === 'browser' && now - row.last_used_at > this.#deps.idleMilliseconds;
  }

  async #personOf(read: Queries, row: SessionRow): Promise<Person> {
    const { role, scope, totp_secret: secret, must_change_password: mustChange } = row.account;
    const folders = fromJson(scope);
    const isRequired = secret === null && (await accountSettings(read)).requireTotp.includes(role);
    return {
      user: row.user_name,
      role,
      scope: folders,
      kind: row.kind,
      session: row.token_hash,
      expiresAt: row.expires_at,
      totp: secret !== null,
      mustChangePassword: mustChange === 1,
      mustSetUpTotp: isRequired,
    };
  }

  #shown(person: Person): Session {
    const { user, role, scope, totp, mustChangePassword, mustSetUpTotp, expiresAt } = person;
    const idleSeconds = person.kind === 'browser' ? Math.round(this.#deps.idleMilliseconds / 1000) : null;
    return { user, role, scope: [...scope], totp, mustChangePassword, mustSetUpTotp, expiresAt, idleSeconds };
  }
}

/** Enough to distinguish one's sessions; the token cannot be derived from it. */
function publicId(tokenHash: string): string {
  return tokenHash.slice(0, 16);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
