/** The requests that root at the endpoint may send to the enforcer, and its answers. */
import { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel/schemas';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { decoderOf } from './line-decoder.ts';
import type { Decoder } from './line-decoder.ts';

export const ControlRequest = Type.Union([
  Type.Object(
    { type: Type.Literal('break-glass'), code: Type.String({ maxLength: 200 }) },
    { additionalProperties: false },
  ),
  /** Asks for the status of suspicious objects here. */
  Type.Object({ type: Type.Literal('objects') }, { additionalProperties: false }),
]);
export type ControlRequest = Static<typeof ControlRequest>;

export const ControlAnswer = Type.Object({ done: Type.Boolean(), message: Type.String() });
export type ControlAnswer = Static<typeof ControlAnswer>;

const Count = Type.Integer({ minimum: 0 });

/** The answer to `objects`. */
export const ObjectsStatus = Type.Object({
  settings: ObjectSettings,
  held: ObjectEnforcementStatus,
  /** On the list, whether they are enforced here or not. */
  objects: Count,
  revision: Count,
  /** Files that this endpoint looks for. */
  fileRules: Count,
  workers: Type.Object({ 'on-access': Type.Boolean(), scanner: Type.Boolean() }),
  /** Detections that no server has recorded yet. */
  spooled: Count,
  tasks: Type.Array(
    Type.Object({
      task: Type.String(),
      kind: Type.String(),
      files: Count,
      of: Type.Union([Count, Type.Null()]),
      found: Count,
    }),
  ),
});
export type ObjectsStatus = Static<typeof ObjectsStatus>;

export const decodeControlRequest: Decoder<ControlRequest> = decoderOf<ControlRequest>(ControlRequest);
export const decodeControlAnswer: Decoder<ControlAnswer> = decoderOf<ControlAnswer>(ControlAnswer);
export const decodeObjectsStatus: Decoder<ObjectsStatus> = decoderOf<ObjectsStatus>(ObjectsStatus);
