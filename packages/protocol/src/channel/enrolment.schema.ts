/** Enrolment: the token, the request and the answer. */
import { Type } from 'typebox';
import { SignedDocument } from './documents.schema.ts';
import { EndpointFacts } from './frames.schema.ts';
import { PublicKeyPins } from './scalars.schema.ts';

export const EnrolmentToken = Type.Object({
  /** Hosts (names or addresses) and ports, tried in this order. */
  gateways: Type.Array(
    Type.Object({
      host: Type.String({ minLength: 1, maxLength: 255 }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    }),
    { minItems: 1, maxItems: 64 },
  ),
  /** The public keys that a gateway may show. */
  publicKeyPins: PublicKeyPins,
  /** Ed25519 public key that verifies desired states: SPKI DER, base64. */
  signingKey: Type.String({ minLength: 59, maxLength: 60 }),
  secret: Type.String({ minLength: 22, maxLength: 64 }),
  /** Milliseconds since 1970. */
  expiresAt: Type.Integer({ minimum: 0 }),
});

/** POST `/agent/v1/enrol`. */
export const EnrolRequest = Type.Object({
  secret: EnrolmentToken.properties.secret,
  /** The agent's own Ed25519 public key, made on the endpoint: SPKI DER, base64. */
  publicKey: EnrolmentToken.properties.signingKey,
  facts: EndpointFacts,
});

export const EnrolAnswer = Type.Object({
  agent: Type.String(),
  enrolment: Type.String(),
  /** The first desired state; the agent verifies it with the token's signing key. */
  desired: SignedDocument,
});
