/** Where a sweep stopped. */
import { Type } from 'typebox';
import { Copy } from '@cordon/protocol/channel/schemas';

const Count = Type.Integer({ minimum: 0 });

export const Unfinished = Type.Object({
  task: Type.String(),
  /** The request as text: another request under the same name starts from the beginning. */
  request: Type.String(),
  place: Type.Object({
    root: Type.String(),
    folder: Type.String(),
    counts: Type.Object({ files: Count, bytes: Count, unreadable: Count }),
  }),
  found: Count,
  copies: Type.Array(Copy, { maxItems: 100 }),
});

export const UnfinishedList = Type.Array(Unfinished);
