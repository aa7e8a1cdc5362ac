/** What a listed object means on this agent: whether it has expired, and which action applies. */
import type { ObjectEntry, ObjectMode } from '@cordon/protocol/channel';

/** The group of an agent, and how one kind of enforcement (on access, sweep, network) is set there. */
export interface View {
  readonly group: string;
  readonly mode: ObjectMode;
}

/** The action that applies here: outside a canary's groups, and where the mode is not `enforce`, it is only logged. */
export function effectiveAction(object: ObjectEntry, { group, mode }: View): ObjectEntry['action'] {
  const enforced = mode === 'enforce' && (object.enforceIn?.includes(group) ?? true);
  return enforced ? object.action : 'log';
}

export function isExpired({ expiresAt }: Pick<ObjectEntry, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
