/** Generated from unfinished-sweeps.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, object, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { copyShape } from '@cordon/protocol/channel';
import type { Copy } from '@cordon/protocol/channel';

export interface Unfinished {
  task: string;
  /** The request as text: another request under the same name starts from the beginning. */
  request: string;
  place: { root: string; folder: string; counts: { files: number; bytes: number; unreadable: number } };
  found: number;
  copies: Copy[];
}
export const unfinishedShape: Shape<Unfinished> = object({
  task: text(),
  request: text(),
  place: object({
    root: text(),
    folder: text(),
    counts: object({ files: integer({ min: 0 }), bytes: integer({ min: 0 }), unreadable: integer({ min: 0 }) }),
  }),
  found: integer({ min: 0 }),
  copies: list(copyShape, { max: 100 }),
});

export type UnfinishedList = Unfinished[];
export const unfinishedListShape: Shape<UnfinishedList> = list(unfinishedShape);
