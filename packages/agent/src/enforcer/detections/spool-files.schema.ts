/** What the spool keeps beside its segments. */
import { Type } from 'typebox';
import { DetectionBatch } from '@cordon/protocol/channel/schemas';

const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const SeenFile = Type.Record(Type.String(), Type.Object({ session: Type.String(), number: Sequence }));

/** `recorded.json`: not worth an fsync. With an old one, something is sent again that the server already knows. */
export const Recorded = Type.Object({ recorded: Sequence, seen: SeenFile });

/**
 * `ceiling.json`: which spool this is; no sequence of it from `ceiling` on was ever used. If the file is lost, nobody
 * knows which were used: a new spool begins, and receipts for the previous one mean nothing.
 */
export const Ceiling = Type.Object({ spool: DetectionBatch.properties.spool, ceiling: Sequence });
