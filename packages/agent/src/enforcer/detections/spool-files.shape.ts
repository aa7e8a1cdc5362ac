/** Generated from spool-files.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, object, record, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { guidShape } from '@cordon/protocol/channel';
import type { Guid } from '@cordon/protocol/channel';

export type SeenFile = Record<string, { session: string; number: number }>;
export const seenFileShape: Shape<SeenFile> = record(
  object({ session: text(), number: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
);

/** `recorded.json`: not worth an fsync. With an old one, something is sent again that the server already knows. */
export interface Recorded {
  recorded: number;
  seen: SeenFile;
}
export const recordedShape: Shape<Recorded> = object({
  recorded: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  seen: seenFileShape,
});

/**
 * `ceiling.json`: which spool this is; no sequence of it from `ceiling` on was ever used. If the file is lost, nobody
 * knows which were used: a new spool begins, and receipts for the previous one mean nothing.
 */
export interface Ceiling {
  spool: Guid;
  ceiling: number;
}
export const ceilingShape: Shape<Ceiling> = object({
  spool: guidShape,
  ceiling: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
});
