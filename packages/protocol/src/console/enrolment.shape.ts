/** Generated from enrolment.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, nullable, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

export interface AddEnrolmentToken {
  /** How many endpoints may enrol with it. */
  uses?: number;
  /** How long it is valid. */
  validSeconds?: number;
  note?: string;
}

/** The token is in this answer only; the server stores a hash of its secret. */
export interface NewEnrolmentToken {
  id: string;
  token: string;
  /** One line for a shell of root that installs, enrols and starts the agent; null when this server offers no package. */
  installLine: string | null;
  uses: number;
  expiresAt: Milliseconds;
}
export const newEnrolmentTokenShape: Shape<NewEnrolmentToken> = object({
  id: text(),
  token: text(),
  installLine: nullable(text()),
  uses: integer(),
  expiresAt: millisecondsShape,
});
