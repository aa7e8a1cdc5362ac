/** Decides what this agent does about each listed file: by the object, the settings of its group, and the time. */
import type { ObjectEntry, ObjectSettings } from '@cordon/protocol/channel';
import { effectiveAction, isExpired } from '../../matching/effective-action.ts';
import type { View } from '../../matching/effective-action.ts';
import type { FileRule } from '../../ipc/worker-messages.ts';

const strength: Readonly<Record<ObjectEntry['action'], number>> = { log: 0, block: 1, quarantine: 2 };
const sha1 = /^[0-9A-F]{40}$/;

/** Nothing was received about suspicious objects yet: they are stored, and no more. */
export const allOff: ObjectSettings = {
  group: 'default',
  onAccess: 'off',
  sweep: 'off',
  network: 'off',
  execAtDeadline: 'allow',
  sweepMegabytesPerSecond: 0,
};

/**
 * The one rule for a SHA-1 that may be listed under both kinds; undefined when neither is in force. The stronger action
 * wins for as long as it lasts; after that the weaker one applies.
 */
export function fileRule(listed: readonly ObjectEntry[], view: View, now: number): FileRule | undefined {
  const inForce = listed.filter((object) => sha1.test(object.content) && !isExpired(object, now));
  const strongest = Math.max(...inForce.map((object) => strength[effectiveAction(object, view)]));
  const winners = inForce.filter((object) => strength[effectiveAction(object, view)] === strongest);
  const [first] = winners.toSorted((one, other) => lasting(other) - lasting(one));
  if (!first || !isFile(first)) return undefined;
  return {
    type: first.type,
    sha1: first.content,
    // The same content has one size, whichever entry knows it.
    size: inForce.find((object) => object.size !== null)?.size ?? null,
    action: effectiveAction(first, view),
    expiresAt: first.expiresAt,
    confirmed: winners.some((object) => object.confirmed === true),
  };
}

export function isFile<O extends Pick<ObjectEntry, 'type'>>(object: O): object is O & { type: 'file' | 'file_sha1' } {
  return object.type === 'file' || object.type === 'file_sha1';
}

export function sameRule(one: FileRule, other: FileRule): boolean {
  return (
    one.type === other.type &&
    one.size === other.size &&
    one.action === other.action &&
    one.expiresAt === other.expiresAt &&
    one.confirmed === other.confirmed
  );
}

function lasting({ expiresAt }: ObjectEntry): number {
  return expiresAt ?? Infinity;
}
