/** Generated from accounts.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, fieldsOf, integer, list, nullable, object, oneOf, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

export type Role = 'Administrator' | 'Operator' | 'Viewer';
export const roleShape: Shape<Role> = oneOf(['Administrator', 'Operator', 'Viewer'], 'Viewer');

/** Folders whose agents an account sees and acts on, `Workgroup\Paris`, and everything below. Empty for all. */
export type Scope = string[];
export const scopeShape: Shape<Scope> = list(text({ min: 1, max: 255 }), { max: 64 });

/** In lower case once it is stored. */
export type UserName = string;

/** POST session. Without `code`, an account with a second factor is answered 401 `code-required`. */
export interface SignIn {
  user: string;
  password: string;
  code?: string;
}

/** GET session: who is signed in, and what they must do before anything else is allowed. */
export interface Session {
  user: string;
  role: Role;
  scope: Scope;
  /** Whether the account has a second factor. */
  totp: boolean;
  /** Until the password is changed, nothing else is allowed. */
  mustChangePassword: boolean;
  /** The role requires a second factor; until it is set up, nothing else is allowed. */
  mustSetUpTotp: boolean;
  /** The session ends then, however active it is. */
  expiresAt: Milliseconds;
  /** A browser's session ends after this many idle seconds; null for one that does not. */
  idleSeconds: number | null;
}
export const sessionShape: Shape<Session> = object({
  user: text(),
  role: roleShape,
  scope: scopeShape,
  totp: boolean(),
  mustChangePassword: boolean(),
  mustSetUpTotp: boolean(),
  expiresAt: millisecondsShape,
  idleSeconds: nullable(integer()),
});

/** A new session. The token is in this answer only; a browser gets a cookie instead. */
export interface SignedIn extends Session {
  token?: string;
}
export const signedInShape: Shape<SignedIn> = object({ ...fieldsOf(sessionShape), token: optional(text()) });

/** One session of an account, as the user sees their own. */
export interface SessionRecord {
  id: string;
  kind: 'browser' | 'token';
  createdAt: Milliseconds;
  lastUsedAt: Milliseconds;
  expiresAt: Milliseconds;
  /** The address of the socket that signed in. */
  from: string;
  /** Whether it is the session of this request. */
  current: boolean;
}
export const sessionRecordShape: Shape<SessionRecord> = object({
  id: text(),
  kind: oneOf(['browser', 'token']),
  createdAt: millisecondsShape,
  lastUsedAt: millisecondsShape,
  expiresAt: millisecondsShape,
  from: text(),
  current: boolean(),
});

/** GET sessions: the caller's own. DELETE sessions ends all but this one, DELETE sessions/{id} ends that one. */
export interface SessionList {
  sessions: SessionRecord[];
}
export const sessionListShape: Shape<SessionList> = object({ sessions: list(sessionRecordShape) });

/** POST password: changes the caller's own. Every session ends, and the answer is a new one (`SignedIn`). */
export interface ChangePassword {
  current: string;
  password: string;
}

/** POST totp: starts to set up a second factor, which counts once it is confirmed. */
export interface BeginTotp {
  password: string;
}

/** For an authenticator, as a QR code or typed. Shown once. */
export interface TotpEnrolment {
  uri: string;
  secret: string;
}
export const totpEnrolmentShape: Shape<TotpEnrolment> = object({ uri: text(), secret: text() });

/** POST totp/confirm. */
export interface ConfirmTotp {
  code: string;
}

/** Each recovery code replaces a lost authenticator once. Every older session ends. */
export interface TotpConfirmed {
  recoveryCodes: string[];
  session: SignedIn;
}
export const totpConfirmedShape: Shape<TotpConfirmed> = object({ recoveryCodes: list(text()), session: signedInShape });

/** POST totp/disable: removes the caller's own second factor. */
export interface DisableTotp {
  password: string;
  code: string;
}

/** An account as Administrators see it. */
export interface Account {
  user: string;
  role: Role;
  scope: Scope;
  disabled: boolean;
  totp: boolean;
  mustChangePassword: boolean;
  createdAt: Milliseconds;
  lastSignInAt: Milliseconds | null;
}
export const accountShape: Shape<Account> = object({
  user: text(),
  role: roleShape,
  scope: scopeShape,
  disabled: boolean(),
  totp: boolean(),
  mustChangePassword: boolean(),
  createdAt: millisecondsShape,
  lastSignInAt: nullable(millisecondsShape),
});

export interface AccountList {
  accounts: Account[];
}
export const accountListShape: Shape<AccountList> = object({ accounts: list(accountShape) });

/** POST accounts. An Administrator is never limited to folders. */
export interface AddAccount {
  user: UserName;
  role: Role;
  scope?: Scope;
}

/** PATCH accounts/{user}: every session of that account ends. */
export interface ChangeAccount {
  role?: Role;
  scope?: Scope;
  disabled?: boolean;
}

/** POST accounts, and accounts/{user}/reset-password: a password that is shown only once and can only be used to choose another. */
export interface AccountWithPassword {
  account: Account;
  password: string;
}
export const accountWithPasswordShape: Shape<AccountWithPassword> = object({ account: accountShape, password: text() });

/** GET and PUT account-settings. */
export interface AccountSettings {
  /** Roles whose accounts must have a second factor. */
  requireTotp: Role[];
}
export const accountSettingsShape: Shape<AccountSettings> = object({ requireTotp: list(roleShape, { max: 3 }) });
