/** Generated from overview.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { list, nullable, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** GET overview?since&until: what the overview plots. */
export interface Overview {
  since: Milliseconds;
  until: Milliseconds;
  /** Width of a bucket, in milliseconds. */
  bucket: Milliseconds;
  /** `isolated` is proven; `isolating` was requested and is not proven yet. */
  now: { agents: Count; online: Count; isolated: Count; isolating: Count; waiting: Count };
  /** Endpoints that are isolated or about to be, longest first; at most 100. */
  isolated: {
    agent: string;
    hostName: string;
    isolation: string;
    since: Milliseconds;
    deadline: Milliseconds | null;
    requestedBy: string | null;
  }[];
  /** The maximum number of agents online, and isolated, at once in each bucket. */
  fleet: { at: Milliseconds; online: Count; isolated: Count }[];
  /** From the request to the proof, in milliseconds. */
  latency: { at: Milliseconds; count: Count; p50: Count; p99: Count }[];
}
export const overviewShape: Shape<Overview> = object({
  since: millisecondsShape,
  until: millisecondsShape,
  bucket: millisecondsShape,
  now: object({
    agents: countShape,
    online: countShape,
    isolated: countShape,
    isolating: countShape,
    waiting: countShape,
  }),
  isolated: list(
    object({
      agent: text(),
      hostName: text(),
      isolation: text(),
      since: millisecondsShape,
      deadline: nullable(millisecondsShape),
      requestedBy: nullable(text()),
    }),
  ),
  fleet: list(object({ at: millisecondsShape, online: countShape, isolated: countShape })),
  latency: list(object({ at: millisecondsShape, count: countShape, p50: countShape, p99: countShape })),
});
