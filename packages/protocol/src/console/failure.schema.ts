/** Every failure of the console API. */
import { Type } from 'typebox';

/** Every failure of the console API. */
export const ConsoleFailure = Type.Object({
  error: Type.Object({ reason: Type.String(), message: Type.String() }),
});
