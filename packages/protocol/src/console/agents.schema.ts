/** Agents: the list, one of them, and changes to it. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';
import { ObjectEnforcementStatus } from '../channel/objects.schema.ts';

/** One row of the list. */
export const ListedEndpoint = Type.Object({
  agent: Type.String(),
  hostName: Type.String(),
  folder: Type.String(),
  /** Comma-separated, as the Automation API has them. */
  ipAddresses: Type.String(),
  macAddresses: Type.String(),
  platform: Type.String(),
  agentVersion: Type.String(),
  product: Type.String(),
  /** Its managing server. */
  server: Type.String(),
  isolation: Type.Union([
    Type.Literal('normal'),
    Type.Literal('isolating'),
    Type.Literal('isolated'),
    Type.Literal('releasing'),
    Type.Literal('unsupported'),
  ]),
  online: Type.Boolean(),
  lastSeenAt: Nullable(Milliseconds),
  protected: Type.Boolean(),
  deadline: Nullable(Milliseconds),
  profile: Nullable(Type.String()),
  enrolledAt: Milliseconds,
});

/** GET agents?search&isolation&online&offset&limit: in the order of the host names; agents?enrolledSince: the newest first. */
export const AgentPage = Type.Object({ agents: Type.Array(ListedEndpoint), total: Count });

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
  /** What it does about suspicious objects, in its own words; absent before its first report. */
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

/** PATCH agents/{id}. */
export const ChangeAgent = Type.Object({
  /** Never isolated without a second person. */
  protected: Type.Optional(Type.Boolean()),
  /** Group by whose settings it treats suspicious objects. */
  group: Type.Optional(Type.String({ maxLength: 64 })),
});

/** POST agents/{id}/break-glass: lifts the present isolation of that endpoint, typed there. Shown and audited. */
export const BreakGlassCode = Type.Object({ agent: Type.String(), epoch: Type.Integer(), code: Type.String() });
