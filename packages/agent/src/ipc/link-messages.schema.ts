/** The messages between enforcer and link. */
import { Type } from 'typebox';
import { Milliseconds, PublicKeyPin, PublicKeyPins, SignedDocument } from '@cordon/protocol/channel/schemas';

const Revision = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** No line break: the nonce is one line of the text that gets signed. */
const Nonce = Type.String({ pattern: '^[0-9A-Za-z+/=_-]{16,64}$' });

export const ToEnforcer = Type.Union([
  Type.Object({ type: Type.Literal('sign-hello'), nonce: Nonce, publicKeyPin: PublicKeyPin }),
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

export const ToLink = Type.Union([
  /** Sent first, and whenever the gateways or their keys change: where to connect to, the home first. */
  Type.Object({
    type: Type.Literal('gateways'),
    publicKeyPins: PublicKeyPins,
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
    issuedAt: Milliseconds,
    objectsRevision: Revision,
    canIsolate: Type.Boolean(),
  }),
  Type.Object({ type: Type.Literal('report'), report: SignedDocument }),
  Type.Object({ type: Type.Literal('objects-after'), revision: Revision }),
  Type.Object({ type: Type.Literal('progress'), progress: SignedDocument }),
  Type.Object({ type: Type.Literal('detections'), detections: SignedDocument }),
]);
