/** The fleet as the console shows it: the list of agents, what changes live, and the overview's plots. */
import { Type } from 'typebox';
import type { Static, TNull, TSchema, TUnion } from 'typebox';

const Milliseconds = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });
const Nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);

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
export type ListedEndpoint = Static<typeof ListedEndpoint>;

/** GET agents?search&isolation&online&offset&limit: in the order of the host names; agents?enrolledSince: the newest first. */
export const AgentPage = Type.Object({ agents: Type.Array(ListedEndpoint), total: Count });
export type AgentPage = Static<typeof AgentPage>;

/** What may change while somebody looks on. */
export const liveKinds = ['agents', 'commands', 'approvals', 'detections', 'objects', 'tasks'] as const;
export type LiveKind = (typeof liveKinds)[number];

/**
 * GET events: server-sent events, each `data:` one of these. `ids` names agents, and is empty when they are too many
 * to name or the kind has none: whatever is shown of that kind may have changed.
 */
export interface LiveEvent {
  readonly kind: LiveKind;
  readonly ids: readonly string[];
}

/** GET servers: one for each node that ever ran on this database. */
export const ManagingServer = Type.Object({
  id: Type.String(),
  hostName: Type.String(),
  product: Type.String(),
  /** Where agents reach it, `address:port`. */
  gateways: Type.Array(Type.String()),
  /** SHA-256 of the certificate it shows, hex. */
  fingerprint: Type.String(),
  version: Type.String(),
  startedAt: Milliseconds,
  seenAt: Milliseconds,
  /** Whether it has said lately that it is alive. */
  alive: Type.Boolean(),
  /** Whether it is the one that answers. */
  current: Type.Boolean(),
});
export type ManagingServer = Static<typeof ManagingServer>;
export const ManagingServerList = Type.Object({ servers: Type.Array(ManagingServer) });
export type ManagingServerList = Static<typeof ManagingServerList>;

/** GET overview?since&until: what the overview plots, from what was recorded. */
export const Overview = Type.Object({
  since: Milliseconds,
  until: Milliseconds,
  /** Width of a bucket, in milliseconds. */
  bucket: Milliseconds,
  /** `isolated` is what is proved; `isolating` was asked for and is not proved yet. */
  now: Type.Object({ agents: Count, online: Count, isolated: Count, isolating: Count, waiting: Count }),
  /** What is isolated, or about to be, the longest first; at most 100. */
  isolated: Type.Array(
    Type.Object({
      agent: Type.String(),
      hostName: Type.String(),
      isolation: Type.String(),
      since: Milliseconds,
      deadline: Nullable(Milliseconds),
      requestedBy: Nullable(Type.String()),
    }),
  ),
  /** The most agents that were online, and isolated, at once in each bucket. */
  fleet: Type.Array(Type.Object({ at: Milliseconds, online: Count, isolated: Count })),
  /** From the wish to the proof, milliseconds. */
  latency: Type.Array(Type.Object({ at: Milliseconds, count: Count, p50: Count, p99: Count })),
});
export type Overview = Static<typeof Overview>;
