/** Accounts of people, their roles and sessions, and the second factor, as the console API states them. */
import { Type } from 'typebox';
import type { Static } from 'typebox';

const Milliseconds = Type.Integer({ minimum: 0 });
const NullableMilliseconds = Type.Union([Milliseconds, Type.Null()]);

/** What an account may do: everything; contain and decide, but administer nothing; look on. */
export const Role = Type.Union([Type.Literal('Administrator'), Type.Literal('Operator'), Type.Literal('Read-only')]);
export type Role = Static<typeof Role>;

/** Folders whose agents an account sees and acts on, `Workgroup\Paris`, with everything below them. Empty for all. */
export const Scope = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 64 });
export type Scope = Static<typeof Scope>;

/** In lower case once it is stored. */
export const UserName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' });

const Password = Type.String({ minLength: 1, maxLength: 256 });
/** Six digits from an authenticator, or a recovery code. */
const Code = Type.String({ minLength: 1, maxLength: 40 });

/** POST session. Without `code`, an account with a second factor is answered 401 `code-required`. */
export const SignIn = Type.Object({
  user: Type.String({ minLength: 1, maxLength: 64 }),
  password: Password,
  code: Type.Optional(Code),
});
export type SignIn = Static<typeof SignIn>;

/** GET session: who is signed in, and what they have to do before anything else is allowed. */
export const Session = Type.Object({
  user: Type.String(),
  role: Role,
  scope: Scope,
  /** Whether the account has a second factor. */
  totp: Type.Boolean(),
  /** Until the password is changed, nothing else is allowed. */
  mustChangePassword: Type.Boolean(),
  /** The role wants a second factor; until it is set up, nothing else is allowed. */
  mustSetUpTotp: Type.Boolean(),
  /** The session ends then, whatever is done in it. */
  expiresAt: Milliseconds,
  /** A browser's session ends after so many seconds in which nothing was done; null for one that does not. */
  idleSeconds: Type.Union([Type.Integer(), Type.Null()]),
});
export type Session = Static<typeof Session>;

/** A new session. The token is in this answer only, and absent for a browser: that is given a cookie instead. */
export const SignedIn = Type.Object({ ...Session.properties, token: Type.Optional(Type.String()) });
export type SignedIn = Static<typeof SignedIn>;

/** One session of an account, for the list of one's own. */
export const SessionRecord = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('browser'), Type.Literal('token')]),
  createdAt: Milliseconds,
  lastUsedAt: Milliseconds,
  expiresAt: Milliseconds,
  /** The socket's address that signed in. */
  from: Type.String(),
  /** Whether it is the one that asks. */
  current: Type.Boolean(),
});
export type SessionRecord = Static<typeof SessionRecord>;
/** GET sessions: one's own. DELETE sessions ends all but this one, DELETE sessions/{id} ends that one. */
export const SessionList = Type.Object({ sessions: Type.Array(SessionRecord) });
export type SessionList = Static<typeof SessionList>;

/** The least length of a password. There are no rules about its letters. */
export const shortestPassword = 12;

/** POST password: one's own. Every session ends, and the answer is a new one (`SignedIn`). */
export const ChangePassword = Type.Object({ current: Password, password: Password });
export type ChangePassword = Static<typeof ChangePassword>;

/** POST totp: begins to set up a second factor; it counts once it is confirmed. */
export const BeginTotp = Type.Object({ password: Password });
export type BeginTotp = Static<typeof BeginTotp>;
/** For an authenticator, as a QR code or typed. Shown once. */
export const TotpEnrolment = Type.Object({ uri: Type.String(), secret: Type.String() });
export type TotpEnrolment = Static<typeof TotpEnrolment>;
/** POST totp/confirm. */
export const ConfirmTotp = Type.Object({ code: Code });
export type ConfirmTotp = Static<typeof ConfirmTotp>;
/** The codes stand in for an authenticator that was lost, each of them once. Every older session ends. */
export const TotpConfirmed = Type.Object({ recoveryCodes: Type.Array(Type.String()), session: SignedIn });
export type TotpConfirmed = Static<typeof TotpConfirmed>;
/** POST totp/disable: one's own. */
export const DisableTotp = Type.Object({ password: Password, code: Code });
export type DisableTotp = Static<typeof DisableTotp>;

/** An account as Administrators see it. */
export const Account = Type.Object({
  user: Type.String(),
  role: Role,
  scope: Scope,
  disabled: Type.Boolean(),
  totp: Type.Boolean(),
  mustChangePassword: Type.Boolean(),
  createdAt: Milliseconds,
  lastSignInAt: NullableMilliseconds,
});
export type Account = Static<typeof Account>;
export const AccountList = Type.Object({ accounts: Type.Array(Account) });
export type AccountList = Static<typeof AccountList>;

/** POST accounts. An Administrator is never limited to folders. */
export const AddAccount = Type.Object({ user: UserName, role: Role, scope: Type.Optional(Scope) });
export type AddAccount = Static<typeof AddAccount>;

/** PATCH accounts/{user}: every session of that account ends. */
export const ChangeAccount = Type.Object({
  role: Type.Optional(Role),
  scope: Type.Optional(Scope),
  disabled: Type.Optional(Type.Boolean()),
});
export type ChangeAccount = Static<typeof ChangeAccount>;

/** POST accounts, and accounts/{user}/reset-password: a password shown this once, good for choosing another. */
export const AccountWithPassword = Type.Object({ account: Account, password: Type.String() });
export type AccountWithPassword = Static<typeof AccountWithPassword>;

/** GET and PUT account-settings. */
export const AccountSettings = Type.Object({
  /** Roles whose accounts must have a second factor. */
  requireTotp: Type.Array(Role, { maxItems: 3 }),
});
export type AccountSettings = Static<typeof AccountSettings>;
