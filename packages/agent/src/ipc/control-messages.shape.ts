/** Generated from control-messages.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { anyOf, boolean, integer, list, nullable, object, oneOf, text } from '@cordon/protocol/shape';
import type { Shape } from '@cordon/protocol/shape';
import { objectEnforcementStatusShape, objectSettingsShape } from '@cordon/protocol/channel';
import type { ObjectEnforcementStatus, ObjectSettings } from '@cordon/protocol/channel';

export type ControlRequest = { type: 'break-glass'; code: string } | { type: 'objects' };
export const controlRequestShape: Shape<ControlRequest> = anyOf(
  object({ type: oneOf(['break-glass']), code: text({ max: 200 }) }, { closed: true }),
  object({ type: oneOf(['objects']) }, { closed: true }),
);

export interface ControlAnswer {
  done: boolean;
  message: string;
}
export const controlAnswerShape: Shape<ControlAnswer> = object({ done: boolean(), message: text() });

/** The answer to `objects`. */
export interface ObjectsStatus {
  settings: ObjectSettings;
  held: ObjectEnforcementStatus;
  /** On the list, whether they are enforced here or not. */
  objects: number;
  revision: number;
  /** Files that this endpoint looks for. */
  fileRules: number;
  workers: { 'on-access': boolean; scanner: boolean };
  /** Detections that no server has recorded yet. */
  spooled: number;
  tasks: { task: string; kind: string; files: number; of: number | null; found: number }[];
}
export const objectsStatusShape: Shape<ObjectsStatus> = object({
  settings: objectSettingsShape,
  held: objectEnforcementStatusShape,
  objects: integer({ min: 0 }),
  revision: integer({ min: 0 }),
  fileRules: integer({ min: 0 }),
  workers: object({ 'on-access': boolean(), scanner: boolean() }),
  spooled: integer({ min: 0 }),
  tasks: list(
    object({
      task: text(),
      kind: text(),
      files: integer({ min: 0 }),
      of: nullable(integer({ min: 0 })),
      found: integer({ min: 0 }),
    }),
  ),
});
