/** Groups of agents. */
import { Type } from 'typebox';
import { Count, Milliseconds } from '../channel/scalars.schema.ts';
import { ObjectSettings } from '../channel/objects.schema.ts';

/** A group of agents and how they treat suspicious objects. An agent is in `default` until it is moved. */
export const Group = Type.Object({
  name: Type.String(),
  settings: Type.Omit(ObjectSettings, ['group']),
  agents: Count,
  changedAt: Milliseconds,
});

export const GroupList = Type.Object({ groups: Type.Array(Group) });

/** PUT groups/{name}; fields that are left out stay as they were, or are off for a new group. */
export const GroupBody = Type.Partial(Type.Omit(ObjectSettings, ['group']));
