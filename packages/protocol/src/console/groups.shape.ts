/** Generated from groups.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, object, oneOf, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { objectModeShape } from '../channel/objects.shape.ts';
import type { ObjectMode } from '../channel/objects.shape.ts';
import { countShape, millisecondsShape } from '../channel/scalars.shape.ts';
import type { Count, Milliseconds } from '../channel/scalars.shape.ts';

/** A group of agents and how they treat suspicious objects. An agent is in `default` until it is moved. */
export interface Group {
  name: string;
  settings: {
    onAccess: ObjectMode;
    /** When the list changes, the agent searches its disks for listed files. */
    sweep: ObjectMode;
    network: ObjectMode;
    /** What happens to an execution that was not decided in time; an open is then always allowed. */
    execAtDeadline: 'allow' | 'deny';
    /** How much a sweep may read per second; 0 means no limit. */
    sweepMegabytesPerSecond: number;
  };
  agents: Count;
  changedAt: Milliseconds;
}
export const groupShape: Shape<Group> = object({
  name: text(),
  settings: object({
    onAccess: objectModeShape,
    sweep: objectModeShape,
    network: objectModeShape,
    execAtDeadline: oneOf(['allow', 'deny']),
    sweepMegabytesPerSecond: integer({ min: 0, max: 10_000 }),
  }),
  agents: countShape,
  changedAt: millisecondsShape,
});

export interface GroupList {
  groups: Group[];
}
export const groupListShape: Shape<GroupList> = object({ groups: list(groupShape) });

/** PUT groups/{name}; fields that are left out stay as they were, or are off for a new group. */
export interface GroupBody {
  onAccess?: ObjectMode;
  /** When the list changes, the agent searches its disks for listed files. */
  sweep?: ObjectMode;
  network?: ObjectMode;
  /** What happens to an execution that was not decided in time; an open is then always allowed. */
  execAtDeadline?: 'allow' | 'deny';
  /** How much a sweep may read per second; 0 means no limit. */
  sweepMegabytesPerSecond?: number;
}
