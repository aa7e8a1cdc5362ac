/** Agents: the list, one of them, and changes to it. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { ObjectEnforcementStatus } from '../channel/objects.schema.ts';

/** What the list and the details both say. */
export const AgentSummary = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  folder: Type.String(),
  /** Comma-separated, as the Automation API has them. */
  ipAddresses: Type.String(),
  macAddresses: Type.String(),
  platform: Type.String(),
  agentVersion: Type.String(),
  /** Its managing server. */
  server: Type.String(),
  online: Type.Boolean(),
  lastSeenAt: Nullable(Milliseconds),
  /** Never isolated without a second person. */
  protected: Type.Boolean(),
  /** When the isolation ends by itself; null for never, or when no isolation is desired. */
  deadline: Nullable(Milliseconds),
  profile: Nullable(Type.String()),
  enrolledAt: Milliseconds,
});

/** One row of the list. */
export const ListedEndpoint = Type.Object({
  ...AgentSummary.properties,
  product: Type.String(),
  isolation: Type.Union([
    Type.Literal('normal'),
    Type.Literal('isolating'),
    Type.Literal('isolated'),
    Type.Literal('releasing'),
    Type.Literal('unsupported'),
  ]),
});

/** GET agents?search&isolation&online&offset&limit: ordered by host name; agents?enrolledSince: the newest first. */
export const AgentPage = Type.Object({ agents: Type.Array(ListedEndpoint), total: Count });

/** What the server knows about one agent beyond the Automation API's list. */
export const AgentDetails = Type.Object({
  ...AgentSummary.properties,
  isolation: Type.String(),
  desired: Type.String(),
  epoch: Type.Integer(),
  reported: Type.String(),
  reportedEpoch: Type.Integer(),
  reportedAt: Nullable(Milliseconds),
  /** The agent's last signed report, as it was signed; null before the first. */
  report: Nullable(Type.String()),
  /** Why the desired state does not hold, in the agent's words. */
  problem: Nullable(Type.String()),
  /** The group whose settings it uses for suspicious objects. */
  group: Type.Optional(Type.String()),
  /** Its own report of object enforcement; absent before the first. */
  objects: Type.Optional(ObjectEnforcementStatus),
  objectsRevision: Type.Integer(),
  /** The agent's own key, which verifies its reports: Ed25519, SPKI DER, base64. */
  publicKey: Type.String(),
  message: Nullable(Type.String()),
  /** Foreign changes to the isolation's rules since the last desired state, detected and undone. */
  tampering: Nullable(Type.Object({ count: Type.Integer(), lastAt: Milliseconds })),
});

/** PATCH agents/{id}. */
export const ChangeAgent = Type.Object({
  /** Never isolated without a second person. */
  protected: Type.Optional(Type.Boolean()),
  /** The group whose settings it uses for suspicious objects. */
  group: Type.Optional(Type.String({ maxLength: 64 })),
});

/** POST agents/{id}/break-glass: each code ends one isolation when it is typed at the endpoint. Audited. */
export const BreakGlassCodes = Type.Object({
  agent: Type.String(),
  /** The most likely first. Two when the endpoint has not confirmed the newest desired state: it may follow either. */
  codes: Type.Array(
    Type.Object({
      epoch: Type.Integer(),
      code: Type.String(),
      /** The isolation that the endpoint last reported, or the one that is desired now. */
      isolation: Type.Union([Type.Literal('reported'), Type.Literal('desired')]),
    }),
    { minItems: 1, maxItems: 2 },
  ),
});
