/**
 * The console API: what people do to a Cordon server beyond the Automation API, as JSON over HTTPS under `/api/v1`.
 *
 * A person signs in with POST `/api/v1/session` and sends `Authorization: Session <token>` afterwards. A browser signs
 * in with the header `X-Cordon-Console: 1`, is given a cookie that no script can read, and sends that header with every
 * change. Failures are `{ "error": { "reason", "message" } }` with a fitting HTTP status. Apex Central has none of this.
 */
import { Type } from 'typebox';
import type { Static, TNull, TSchema, TUnion } from 'typebox';
import { ObjectEnforcementStatus } from '../channel/objects.ts';

export * from './accounts.ts';
export * from './containment.ts';
export * from './fleet.ts';
export * from './notifications.ts';
export * from './objects.ts';
export { timeoutChoices } from './choices.ts';
export { backgroundHeader, consoleHeader, consolePaths } from './paths.ts';

const Milliseconds = Type.Integer({ minimum: 0 });
const Nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);

/** Every failure of the console API. */
export const ConsoleFailure = Type.Object({
  error: Type.Object({ reason: Type.String(), message: Type.String() }),
});
export type ConsoleFailure = Static<typeof ConsoleFailure>;

/** An application that may use the Automation API. Its key is shown once, when made or rotated, and never again. */
export const Application = Type.Object({
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  /** The most seconds a request may take to arrive after it was signed. */
  timeoutSeconds: Type.Integer(),
  /** Which API functions it may use. */
  apiType: Type.String(),
  createdAt: Milliseconds,
  lastUsedAt: Nullable(Milliseconds),
  lastUsedFrom: Nullable(Type.String()),
});
export type Application = Static<typeof Application>;

/** POST applications/draft: an ID and a key to look at before they are saved. Nothing is kept of them until then. */
export const ApplicationDraft = Type.Object({
  id: Type.String(),
  apiKey: Type.String(),
  apiType: Type.String(),
  /** Both, sealed by the server; give it back with POST applications within the hour. */
  draft: Type.String(),
});
export type ApplicationDraft = Static<typeof ApplicationDraft>;

const applicationSettings = {
  name: Type.String({ minLength: 1, maxLength: 64 }),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  enabled: Type.Optional(Type.Boolean()),
};

export const AddApplication = Type.Object({
  ...applicationSettings,
  /** Of an ApplicationDraft; without it the server chooses ID and key now. */
  draft: Type.Optional(Type.String({ maxLength: 1024 })),
});
export type AddApplication = Static<typeof AddApplication>;

export const ChangeApplication = Type.Partial(Type.Object(applicationSettings));
export type ChangeApplication = Static<typeof ChangeApplication>;

export const ApplicationList = Type.Object({ applications: Type.Array(Application) });
export type ApplicationList = Static<typeof ApplicationList>;

/** POST applications, and POST applications/{id}/rotate. */
export const ApplicationWithKey = Type.Object({ application: Application, apiKey: Type.String() });
export type ApplicationWithKey = Static<typeof ApplicationWithKey>;

export const AddEnrolmentToken = Type.Object({
  /** How many endpoints may enrol with it. */
  uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  /** How long it is good for. */
  validSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 31_536_000 })),
  note: Type.Optional(Type.String({ maxLength: 256 })),
});
export type AddEnrolmentToken = Static<typeof AddEnrolmentToken>;

/** The token is in this answer only; the server keeps a hash of its secret. */
export const NewEnrolmentToken = Type.Object({
  id: Type.String(),
  token: Type.String(),
  uses: Type.Integer(),
  expiresAt: Milliseconds,
});
export type NewEnrolmentToken = Static<typeof NewEnrolmentToken>;

/** What came of one act on one agent. */
export const CommandRecord = Type.Object({
  id: Type.Integer(),
  agent: Type.String(),
  hostName: Type.String(),
  act: Type.String(),
  requestedBy: Type.String(),
  requestedAt: Milliseconds,
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('superseded'),
  ]),
  /** Why it failed, or by what it was superseded. */
  outcome: Nullable(Type.String()),
  finishedAt: Nullable(Milliseconds),
});
export type CommandRecord = Static<typeof CommandRecord>;
export const CommandList = Type.Object({
  commands: Type.Array(CommandRecord),
  /** Ask for what is `before` this; null when there is no more. */
  next: Nullable(Type.Integer()),
});
export type CommandList = Static<typeof CommandList>;

/** One line of the audit: who did or tried what, to what, from where, and what came of it. */
export const AuditLine = Type.Object({
  id: Type.Integer(),
  at: Milliseconds,
  actor: Type.String(),
  source: Type.String(),
  act: Type.String(),
  target: Type.String(),
  /** `done`, or the reason of the refusal. */
  outcome: Type.String(),
  detail: Type.String(),
  requestId: Type.String(),
  /** SHA-256 over this line and the hash before it; see `audit-chain.ts`. */
  hash: Type.String(),
});
export type AuditLine = Static<typeof AuditLine>;
export const AuditPage = Type.Object({
  lines: Type.Array(AuditLine),
  next: Nullable(Type.Integer()),
  /** True for an account that is limited to folders: a part, without hashes, whose chain it cannot verify. */
  part: Type.Optional(Type.Boolean()),
});
export type AuditPage = Static<typeof AuditPage>;

/** GET audit/checkpoints: signatures over the chain, and the key (Ed25519, SPKI DER, base64) that they verify under. */
export const AuditCheckpoints = Type.Object({
  publicKey: Type.String(),
  checkpoints: Type.Array(
    Type.Object({ id: Type.Integer(), hash: Type.String(), at: Milliseconds, signature: Type.String() }),
  ),
});
export type AuditCheckpoints = Static<typeof AuditCheckpoints>;

/** What the server knows of one agent beyond the Automation API's list. */
export const AgentDetails = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  isolation: Type.String(),
  desired: Type.String(),
  epoch: Type.Integer(),
  reported: Type.String(),
  reportedEpoch: Type.Integer(),
  reportedAt: Nullable(Milliseconds),
  /** The agent's last signed report, as it was signed; null before the first. */
  report: Nullable(Type.String()),
  /** Why the last wish is not held, in the agent's words. */
  problem: Nullable(Type.String()),
  /** Group by whose settings it treats suspicious objects. */
  group: Type.Optional(Type.String()),
  /** What it does about suspicious objects, in its own words; absent before version 3 of the channel. */
  objects: Type.Optional(ObjectEnforcementStatus),
  online: Type.Boolean(),
  lastSeenAt: Nullable(Milliseconds),
  objectsRevision: Type.Integer(),
  /** The agent's own key, under which its reports verify: Ed25519, SPKI DER, base64. */
  publicKey: Type.String(),
  /** Comma-separated, as the Automation API has them. */
  ipAddresses: Type.String(),
  macAddresses: Type.String(),
  folder: Type.String(),
  /** Its managing server. */
  server: Type.String(),
  platform: Type.String(),
  agentVersion: Type.String(),
  enrolledAt: Milliseconds,
  /** Never isolated without a second person. */
  protected: Type.Boolean(),
  /** When the isolation ends by itself; null for never, or when it is not wanted isolated. */
  deadline: Nullable(Milliseconds),
  profile: Nullable(Type.String()),
  message: Nullable(Type.String()),
  /** Foreign changes of the isolation's rules, noticed and undone, since the last order. */
  tampering: Nullable(Type.Object({ count: Type.Integer(), lastAt: Milliseconds })),
});
export type AgentDetails = Static<typeof AgentDetails>;
