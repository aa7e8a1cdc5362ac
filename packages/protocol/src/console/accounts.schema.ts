/** Accounts, their roles and sessions, and the second factor. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { roles } from './roles.ts';

export const Role = Type.Enum(roles, { unknown: 'Viewer' });

/** Folders whose agents an account sees and acts on, `Workgroup\Paris`, and everything below. Empty for all. */
export const Scope = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 64 });

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

/** GET session: who is signed in, and what they must do before anything else is allowed. */
export const Session = Type.Object({
  user: Type.String(),
  role: Role,
  scope: Scope,
  /** Whether the account has a second factor. */
  totp: Type.Boolean(),
  /** Until the password is changed, nothing else is allowed. */
  mustChangePassword: Type.Boolean(),
  /** The role requires a second factor; until it is set up, nothing else is allowed. */
  mustSetUpTotp: Type.Boolean(),
  /** The session ends then, however active it is. */
  expiresAt: Milliseconds,
  /** A browser's session ends after this many idle seconds; null for one that does not. */
  idleSeconds: Type.Union([Type.Integer(), Type.Null()]),
});

/** A new session. The token is in this answer only; a browser gets a cookie instead. */
export const SignedIn = Type.Object({ ...Session.properties, token: Type.Optional(Type.String()) });

/** One session of an account, as the user sees their own. */
export const SessionRecord = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('browser'), Type.Literal('token')]),
  createdAt: Milliseconds,
  lastUsedAt: Milliseconds,
  expiresAt: Milliseconds,
  /** The address of the socket that signed in. */
  from: Type.String(),
  /** Whether it is the session of this request. */
  current: Type.Boolean(),
});

/** GET sessions: the caller's own. DELETE sessions ends all but this one, DELETE sessions/{id} ends that one. */
export const SessionList = Type.Object({ sessions: Type.Array(SessionRecord) });

/** POST password: changes the caller's own. Every session ends, and the answer is a new one (`SignedIn`). */
export const ChangePassword = Type.Object({ current: Password, password: Password });

/** POST totp: starts to set up a second factor, which counts once it is confirmed. */
export const BeginTotp = Type.Object({ password: Password });

/** For an authenticator, as a QR code or typed. Shown once. */
export const TotpEnrolment = Type.Object({ uri: Type.String(), secret: Type.String() });

/** POST totp/confirm. */
export const ConfirmTotp = Type.Object({ code: Code });

/** Each recovery code replaces a lost authenticator once. Every older session ends. */
export const TotpConfirmed = Type.Object({ recoveryCodes: Type.Array(Type.String()), session: SignedIn });

/** POST totp/disable: removes the caller's own second factor. */
export const DisableTotp = Type.Object({ password: Password, code: Code });

/** An account as Administrators see it. */
export const Account = Type.Object({
  user: Type.String(),
  role: Role,
  scope: Scope,
  disabled: Type.Boolean(),
  totp: Type.Boolean(),
  mustChangePassword: Type.Boolean(),
  createdAt: Milliseconds,
  lastSignInAt: Nullable(Milliseconds),
});

export const AccountList = Type.Object({ accounts: Type.Array(Account) });

/** POST accounts. An Administrator is never limited to folders. */
export const AddAccount = Type.Object({ user: UserName, role: Role, scope: Type.Optional(Scope) });

/** PATCH accounts/{user}: every session of that account ends. */
export const ChangeAccount = Type.Object({
  role: Type.Optional(Role),
  scope: Type.Optional(Scope),
  disabled: Type.Optional(Type.Boolean()),
});

/** POST accounts, and accounts/{user}/reset-password: a password that is shown only once and can only be used to choose another. */
export const AccountWithPassword = Type.Object({ account: Account, password: Type.String() });

/** GET and PUT account-settings. */
export const AccountSettings = Type.Object({
  /** Roles whose accounts must have a second factor. */
  requireTotp: Type.Array(Role, { maxItems: 3 }),
});
