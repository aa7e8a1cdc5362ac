/** What a listed object amounts to on this agent: whether it is still in force, and what is done about what it names. */
import type { ObjectEntry, ObjectMode } from '@cordon/protocol/channel';

/** The group of an agent, and how one kind of enforcement (on access, sweep, network) is set there. */
export interface View {
  readonly group: string;
  readonly mode: ObjectMode;
}

/** What the object's action amounts to here: in a canary's other groups, and where the mode is not `enforce`, it is told only. */
export function effectiveAction(object: ObjectEntry, { group, mode }: View): ObjectEntry['action'] {
  const enforced = mode === 'enforce' && (object.enforceIn?.includes(group) ?? true);
  return enforced ? object.action : 'log';
}

export function isExpired({ expiresAt }: Pick<ObjectEntry, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
