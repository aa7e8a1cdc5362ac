/** What the spool keeps beside its segments. */
import { Type } from 'typebox';
import { DetectionBatch } from '@cordon/protocol/channel/schemas';

const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const SeenFile = Type.Record(Type.String(), Type.Object({ session: Type.String(), number: Sequence }));

/** `recorded.json`: not worth an fsync. An old one costs that something is sent again, which the server knows already. */
export const Recorded = Type.Object({ recorded: Sequence, seen: SeenFile });

/**
 * `ceiling.json`: which spool this is, and that no sequence of it from `ceiling` on was ever used. Where it is lost,
 * nobody knows which were: then it is another spool, so that a receipt for the one before means nothing here.
 */
export const Ceiling = Type.Object({ spool: DetectionBatch.properties.spool, ceiling: Sequence });
