/** The state files of the enforcer. */
import { PublicKeyPins } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';

/** `identity.json`. The private key was made here and never leaves this file. */
export const Identity = Type.Object({
  agent: Type.String({ minLength: 36, maxLength: 36 }),
  enrolment: Type.String({ minLength: 36, maxLength: 36 }),
  /** Ed25519: PKCS #8 DER, base64. */
  privateKey: Type.String(),
  /** The pinned key that signs desired states, Ed25519: SPKI DER, base64. */
  signingKey: Type.String(),
  /** From the enrolment token; a desired state names those that replace them. */
  publicKeyPins: PublicKeyPins,
  /** From the enrolment token; tried when no gateway of the desired state answers. */
  gateways: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }), {
    minItems: 1,
    maxItems: 64,
  }),
  enrolledAt: Type.Integer(),
});

/** `outcome.json`: the outcome of one desired state. Not signed: only root here can write it. */
export const SavedOutcome = Type.Object({
  epoch: Type.Integer({ minimum: 0 }),
  released: Type.Optional(
    Type.Object({ by: Type.Union([Type.Literal('deadline'), Type.Literal('break-glass')]), at: Type.Integer() }),
  ),
  tampering: Type.Optional(Type.Object({ count: Type.Integer({ minimum: 1 }), lastAt: Type.Integer() })),
  /** Wrong break-glass codes, and how many of them no report has contained yet. */
  wrongCodes: Type.Optional(
    Type.Object({
      count: Type.Integer({ minimum: 1 }),
      unreported: Type.Integer({ minimum: 0 }),
      lastAt: Type.Integer(),
    }),
  ),
});

/** `changes.json`: when the desired state last isolated or released this endpoint, oldest first. */
export const Changes = Type.Array(Type.Integer(), { maxItems: 10_000 });
