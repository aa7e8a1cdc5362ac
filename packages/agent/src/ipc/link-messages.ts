/**
 * What link and enforcer say to one another over their UNIX socket: one JSON object a line.
 *
 * Each side treats the other as hostile input: link because it faces the network, the enforcer because a wrong
 * message must never reach the server. The enforcer signs nothing that link chose, but a nonce in a fixed frame.
 */
import { SignedDocument } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';

/** A signed document of the largest size, escaped once more, fits. */
export const longestLine = 2_000_000;

const Revision = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Fingerprint = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** No line break: the nonce is one line of the text that gets signed. */
const Nonce = Type.String({ pattern: '^[0-9A-Za-z+/=_-]{16,64}$' });

export const ToEnforcer = Type.Union([
  Type.Object({ type: Type.Literal('sign-hello'), nonce: Nonce, fingerprint: Fingerprint }),
  /** The gateway has welcomed us. */
  Type.Object({ type: Type.Literal('connected'), objectsRevision: Revision }),
  Type.Object({ type: Type.Literal('desired'), desired: SignedDocument }),
  Type.Object({ type: Type.Literal('objects-changed'), revision: Revision }),
  Type.Object({ type: Type.Literal('objects'), page: SignedDocument }),
  Type.Object({ type: Type.Literal('recorded'), at: Revision }),
  Type.Object({ type: Type.Literal('task'), task: SignedDocument }),
  Type.Object({ type: Type.Literal('progress-recorded'), receipt: SignedDocument }),
  Type.Object({ type: Type.Literal('detections-recorded'), receipt: SignedDocument }),
]);
export type ToEnforcer = Static<typeof ToEnforcer>;

export const ToLink = Type.Union([
  /** First of all, and again whenever the gateways change: whom to connect to, the home first. */
  Type.Object({
    type: Type.Literal('gateways'),
    fingerprint: Fingerprint,
    gateways: Type.Array(
      Type.Object({ host: Type.String({ maxLength: 255 }), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
      { minItems: 1, maxItems: 128 },
    ),
  }),
  Type.Object({
    type: Type.Literal('hello'),
    nonce: Nonce,
    agent: Type.String({ maxLength: 36 }),
    signature: Type.String({ maxLength: 88 }),
    epoch: Revision,
    objectsRevision: Revision,
    canIsolate: Type.Boolean(),
  }),
  Type.Object({ type: Type.Literal('report'), report: SignedDocument }),
  Type.Object({ type: Type.Literal('objects-after'), revision: Revision }),
  Type.Object({ type: Type.Literal('progress'), progress: SignedDocument }),
  Type.Object({ type: Type.Literal('detections'), detections: SignedDocument }),
]);
export type ToLink = Static<typeof ToLink>;

const toEnforcer: Validator = Compile(ToEnforcer);
const toLink: Validator = Compile(ToLink);

/** Total: a message, or undefined for anything else whatever. */
export function decodeToEnforcer(line: string): ToEnforcer | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the validator of this very type has checked it
  return decode(line, toEnforcer) as ToEnforcer | undefined;
}

/** Total: a message, or undefined for anything else whatever. */
export function decodeToLink(line: string): ToLink | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the validator of this very type has checked it
  return decode(line, toLink) as ToLink | undefined;
}

function decode(line: string, validator: Validator): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // The caller says who sent it, and closes the socket.
  }
  return validator.Check(value) ? value : undefined;
}
