/** Generated from link-messages.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { anyOf, boolean, integer, list, object, oneOf, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import {
  millisecondsShape,
  publicKeyPinShape,
  publicKeyPinsShape,
  signedDocumentShape,
} from '@cordon/protocol/channel';
import type { Milliseconds, PublicKeyPin, PublicKeyPins, SignedDocument } from '@cordon/protocol/channel';

export type ToEnforcer =
  | { type: 'sign-hello'; nonce: string; publicKeyPin: PublicKeyPin }
  | { type: 'connected'; objectsRevision: number }
  | { type: 'desired'; desired: SignedDocument }
  | { type: 'objects-changed'; revision: number }
  | { type: 'objects'; page: SignedDocument }
  | { type: 'recorded'; at: number }
  | { type: 'task'; task: SignedDocument }
  | { type: 'progress-recorded'; receipt: SignedDocument }
  | { type: 'detections-recorded'; receipt: SignedDocument };
export const toEnforcerShape: Shape<ToEnforcer> = anyOf(
  object({
    type: oneOf(['sign-hello']),
    nonce: text({ pattern: '^[0-9A-Za-z+/=_-]{16,64}$' }),
    publicKeyPin: publicKeyPinShape,
  }),
  object({ type: oneOf(['connected']), objectsRevision: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  object({ type: oneOf(['desired']), desired: signedDocumentShape }),
  object({ type: oneOf(['objects-changed']), revision: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  object({ type: oneOf(['objects']), page: signedDocumentShape }),
  object({ type: oneOf(['recorded']), at: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  object({ type: oneOf(['task']), task: signedDocumentShape }),
  object({ type: oneOf(['progress-recorded']), receipt: signedDocumentShape }),
  object({ type: oneOf(['detections-recorded']), receipt: signedDocumentShape }),
);

export type ToLink =
  | { type: 'gateways'; publicKeyPins: PublicKeyPins; gateways: { host: string; port: number }[] }
  | {
      type: 'hello';
      nonce: string;
      agent: string;
      signature: string;
      epoch: number;
      issuedAt: Milliseconds;
      objectsRevision: number;
      canIsolate: boolean;
    }
  | { type: 'report'; report: SignedDocument }
  | { type: 'objects-after'; revision: number }
  | { type: 'progress'; progress: SignedDocument }
  | { type: 'detections'; detections: SignedDocument };
export const toLinkShape: Shape<ToLink> = anyOf(
  object({
    type: oneOf(['gateways']),
    publicKeyPins: publicKeyPinsShape,
    gateways: list(object({ host: text({ max: 255 }), port: integer({ min: 1, max: 65_535 }) }), { min: 1, max: 128 }),
  }),
  object({
    type: oneOf(['hello']),
    nonce: text({ pattern: '^[0-9A-Za-z+/=_-]{16,64}$' }),
    agent: text({ max: 36 }),
    signature: text({ max: 88 }),
    epoch: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    issuedAt: millisecondsShape,
    objectsRevision: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    canIsolate: boolean(),
  }),
  object({ type: oneOf(['report']), report: signedDocumentShape }),
  object({ type: oneOf(['objects-after']), revision: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  object({ type: oneOf(['progress']), progress: signedDocumentShape }),
  object({ type: oneOf(['detections']), detections: signedDocumentShape }),
);
