/** The messages of the control socket. */
import { Type } from 'typebox';
import { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel/schemas';

export const ControlRequest = Type.Union([
  Type.Object(
    { type: Type.Literal('break-glass'), code: Type.String({ maxLength: 200 }) },
    { additionalProperties: false },
  ),
  /** Asks for the status of suspicious objects here. */
  Type.Object({ type: Type.Literal('objects') }, { additionalProperties: false }),
]);

export const ControlAnswer = Type.Object({ done: Type.Boolean(), message: Type.String() });

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
