/** Generated from enrolment.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { publicKeyPinsShape } from './scalars.shape.ts';
import type { PublicKeyPins } from './scalars.shape.ts';
import type { EndpointFacts } from './frames.shape.ts';
import { signedDocumentShape } from './documents.shape.ts';
import type { SignedDocument } from './documents.shape.ts';

export interface EnrolmentToken {
  /** Hosts (names or addresses) and ports, tried in this order. */
  gateways: { host: string; port: number }[];
  /** The public keys that a gateway may show. */
  publicKeyPins: PublicKeyPins;
  /** Ed25519 public key that verifies desired states: SPKI DER, base64. */
  signingKey: string;
  secret: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}
export const enrolmentTokenShape: Shape<EnrolmentToken> = object({
  gateways: list(object({ host: text({ min: 1, max: 255 }), port: integer({ min: 1, max: 65_535 }) }), {
    min: 1,
    max: 64,
  }),
  publicKeyPins: publicKeyPinsShape,
  signingKey: text({ min: 59, max: 60 }),
  secret: text({ min: 22, max: 64 }),
  expiresAt: integer({ min: 0 }),
});

/** POST `/agent/v1/enrol`. */
export interface EnrolRequest {
  secret: string;
  /** The agent's own Ed25519 public key, made on the endpoint: SPKI DER, base64. */
  publicKey: string;
  facts: EndpointFacts;
}

export interface EnrolAnswer {
  agent: string;
  enrolment: string;
  /** The first desired state; the agent verifies it with the token's signing key. */
  desired: SignedDocument;
}
export const enrolAnswerShape: Shape<EnrolAnswer> = object({
  agent: text(),
  enrolment: text(),
  desired: signedDocumentShape,
});
