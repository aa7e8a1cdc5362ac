/** Tokens that endpoints enrol with. */
import { Type } from 'typebox';
import { Milliseconds } from '../channel/scalars.schema.ts';

export const AddEnrolmentToken = Type.Object({
  /** How many endpoints may enrol with it. */
  uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  /** How long it is valid. */
  validSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 31_536_000 })),
  note: Type.Optional(Type.String({ maxLength: 256 })),
});

/** The token is in this answer only; the server stores a hash of its secret. */
export const NewEnrolmentToken = Type.Object({
  id: Type.String(),
  token: Type.String(),
  /** One line for a shell of root that installs, enrols and starts the agent; null when this server offers no package. */
  installLine: Type.Union([Type.String(), Type.Null()]),
  uses: Type.Integer(),
  expiresAt: Milliseconds,
});
