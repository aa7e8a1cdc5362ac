/** Generated from pending-quarantines.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { list, object } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { seenFileShape } from './spool-files.shape.ts';
import type { SeenFile } from './spool-files.shape.ts';
import { matchShape } from '@cordon/protocol/channel';
import type { Match } from '@cordon/protocol/channel';

export interface Saved {
  seen: SeenFile;
  waiting: Match[];
}
export const savedShape: Shape<Saved> = object({ seen: seenFileShape, waiting: list(matchShape, { max: 1000 }) });
