/** What the overview plots. */
import { Type } from 'typebox';
import { Count, Milliseconds, Nullable } from '../channel/scalars.schema.ts';

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
