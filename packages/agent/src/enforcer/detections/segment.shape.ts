/** Generated from segment.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, object, optional, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { detectionShape } from '@cordon/protocol/channel';
import type { Detection } from '@cordon/protocol/channel';

export interface Line {
  detection: Detection;
  /** Which process of which worker reported it, and its number there. */
  from?: { worker: string; session: string; number: number };
}
export const lineShape: Shape<Line> = object({
  detection: detectionShape,
  from: optional(object({ worker: text(), session: text(), number: integer() })),
});
