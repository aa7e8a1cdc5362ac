/** One line of the spool. */
import { Type } from 'typebox';
import { Detection } from '@cordon/protocol/channel/schemas';

export const Line = Type.Object({
  detection: Detection,
  /** Which process of which worker reported it, and its number there. */
  from: Type.Optional(Type.Object({ worker: Type.String(), session: Type.String(), number: Type.Integer() })),
});
