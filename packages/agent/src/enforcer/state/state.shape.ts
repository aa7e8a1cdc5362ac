/** Generated from state.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, object, oneOf, optional, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { publicKeyPinsShape } from '@cordon/protocol/channel';
import type { PublicKeyPins } from '@cordon/protocol/channel';

/** `identity.json`. The private key was made here and never leaves this file. */
export interface Identity {
  agent: string;
  enrolment: string;
  /** Ed25519: PKCS #8 DER, base64. */
  privateKey: string;
  /** The pinned key that signs desired states, Ed25519: SPKI DER, base64. */
  signingKey: string;
  /** From the enrolment token; a desired state names those that replace them. */
  publicKeyPins: PublicKeyPins;
  /** From the enrolment token; tried when no gateway of the desired state answers. */
  gateways: { host: string; port: number }[];
  enrolledAt: number;
}
export const identityShape: Shape<Identity> = object({
  agent: text({ min: 36, max: 36 }),
  enrolment: text({ min: 36, max: 36 }),
  privateKey: text(),
  signingKey: text(),
  publicKeyPins: publicKeyPinsShape,
  gateways: list(object({ host: text(), port: integer({ min: 1, max: 65_535 }) }), { min: 1, max: 64 }),
  enrolledAt: integer(),
});

/** `outcome.json`: the outcome of one desired state. Not signed: only root here can write it. */
export interface SavedOutcome {
  epoch: number;
  released?: { by: 'deadline' | 'break-glass'; at: number };
  tampering?: { count: number; lastAt: number };
  /** Wrong break-glass codes, and how many of them no report has contained yet. */
  wrongCodes?: { count: number; unreported: number; lastAt: number };
}
export const savedOutcomeShape: Shape<SavedOutcome> = object({
  epoch: integer({ min: 0 }),
  released: optional(object({ by: oneOf(['deadline', 'break-glass']), at: integer() })),
  tampering: optional(object({ count: integer({ min: 1 }), lastAt: integer() })),
  wrongCodes: optional(object({ count: integer({ min: 1 }), unreported: integer({ min: 0 }), lastAt: integer() })),
});

/** `changes.json`: when the desired state last isolated or released this endpoint, oldest first. */
export type Changes = number[];
export const changesShape: Shape<Changes> = list(integer(), { max: 10_000 });
