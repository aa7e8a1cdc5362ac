/**
 * Enrolment: one token to copy and paste, one request, one answer.
 *
 * The token carries everything an endpoint must know before it trusts anybody: where the gateways are, which
 * certificate they show, which key signs orders, and a secret that is worth a number of enrolments until it expires.
 */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { SignedDocument } from './documents.ts';
import { EndpointFacts } from './frames.ts';

export const EnrolmentToken = Type.Object({
  /** Hosts (names or addresses) and ports, tried in this order. */
  gateways: Type.Array(
    Type.Object({
      host: Type.String({ minLength: 1, maxLength: 255 }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    }),
    { minItems: 1, maxItems: 64 },
  ),
  /** SHA-256 of the server's certificate (DER), lower-case hex. */
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Ed25519 public key that signs orders: SPKI DER, base64. */
  signingKey: Type.String({ minLength: 59, maxLength: 60 }),
  secret: Type.String({ minLength: 22, maxLength: 64 }),
  /** Milliseconds since 1970. */
  expiresAt: Type.Integer({ minimum: 0 }),
});
export type EnrolmentToken = Static<typeof EnrolmentToken>;

/** POST `/agent/v1/enrol`. */
export const EnrolRequest = Type.Object({
  secret: EnrolmentToken.properties.secret,
  /** The agent's own Ed25519 public key, made on the endpoint: SPKI DER, base64. */
  publicKey: EnrolmentToken.properties.signingKey,
  facts: EndpointFacts,
});
export type EnrolRequest = Static<typeof EnrolRequest>;

export const EnrolAnswer = Type.Object({
  agent: Type.String(),
  enrolment: Type.String(),
  /** The first wanted document; the agent checks it against the token's order key. */
  desired: SignedDocument,
});
export type EnrolAnswer = Static<typeof EnrolAnswer>;

const prefix = 'cordon1.';
const validator = Compile(EnrolmentToken);
const answer = Compile(EnrolAnswer);

/** The token as the one line that people copy. */
export function writeEnrolmentToken(token: EnrolmentToken): string {
  return prefix + Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** The token in `text`, or an Error for the person who pasted it. */
export function readEnrolmentToken(text: string): EnrolmentToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix))
    throw new Error(
      `An enrolment token starts with "${prefix}"; copy the whole line that "cordon enrol-token" printed.`,
    );
  const value = parsed(Buffer.from(trimmed.slice(prefix.length), 'base64url').toString('utf8'));
  if (!validator.Check(value))
    throw new Error('This enrolment token is damaged or cut short; copy the whole line again.');
  return value;
}

/** The server's answer to an enrolment, or an Error. */
export function readEnrolAnswer(text: string): EnrolAnswer {
  const value = parsed(text);
  if (!answer.Check(value)) throw new Error('The server answered the enrolment with something else than an enrolment.');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller's sentence says more than the parser's would.
  }
}
