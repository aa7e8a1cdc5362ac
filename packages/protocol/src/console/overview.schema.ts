/** What the overview plots. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';

/** GET overview?since&until: what the overview plots. */
export const Overview = Type.Object({
  since: Milliseconds,
  until: Milliseconds,
  /** Width of a bucket, in milliseconds. */
  bucket: Milliseconds,
  /** `isolated` is proven; `isolating` was requested and is not proven yet. */
  now: Type.Object({ agents: Count, online: Count, isolated: Count, isolating: Count, waiting: Count }),
  /** Endpoints that are isolated or about to be, longest first; at most 100. */
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
  /** The maximum number of agents online, and isolated, at once in each bucket. */
  fleet: Type.Array(Type.Object({ at: Milliseconds, online: Count, isolated: Count })),
  /** From the request to the proof, in milliseconds. */
  latency: Type.Array(Type.Object({ at: Milliseconds, count: Count, p50: Count, p99: Count })),
});
