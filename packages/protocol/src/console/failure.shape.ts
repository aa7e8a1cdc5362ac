/** Generated from failure.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';

/** Every failure of the console API. */
export interface ConsoleFailure {
  error: { reason: string; message: string };
}
export const consoleFailureShape: Shape<ConsoleFailure> = object({
  error: object({ reason: text(), message: text() }),
});
