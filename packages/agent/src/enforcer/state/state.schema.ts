/** The state files of the enforcer. */
import { Type } from 'typebox';

/** `identity.json`. The private key was made here and leaves this file for nobody. */
export const Identity = Type.Object({
  agent: Type.String({ minLength: 36, maxLength: 36 }),
  enrolment: Type.String({ minLength: 36, maxLength: 36 }),
  /** Ed25519: PKCS #8 DER, base64. */
  privateKey: Type.String(),
  /** The pinned key of those who may give orders, Ed25519: SPKI DER, base64. */
  signingKey: Type.String(),
  /** SHA-256 of the server's certificate. */
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** From the enrolment token; tried when no gateway of the wanted document answers. */
  gateways: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }), {
    minItems: 1,
    maxItems: 64,
  }),
  enrolledAt: Type.Integer(),
});

/** `outcome.json`: what has become of one order since it came. Not signed: whoever can write it is root here. */
export const SavedOutcome = Type.Object({
  epoch: Type.Integer({ minimum: 0 }),
  released: Type.Optional(
    Type.Object({ by: Type.Union([Type.Literal('deadline'), Type.Literal('break-glass')]), at: Type.Integer() }),
  ),
  tampering: Type.Optional(Type.Object({ count: Type.Integer({ minimum: 1 }), lastAt: Type.Integer() })),
  /** Wrong break-glass codes, and how many of them no report has told of yet. */
  wrongCodes: Type.Optional(
    Type.Object({ count: Type.Integer({ minimum: 1 }), untold: Type.Integer({ minimum: 0 }), lastAt: Type.Integer() }),
  ),
});

/** `changes.json`: when this endpoint was last isolated or restored by an order, oldest first. */
export const Changes = Type.Array(Type.Integer(), { maxItems: 10_000 });
