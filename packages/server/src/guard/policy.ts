/** The guard's rules: how many endpoints one caller may cut off alone. Pure. */
import type { GuardReason, GuardSettings } from '@cordon/protocol/console';

/** An agent that an act would newly isolate or uninstall. */
export interface Target {
  readonly number: number;
  readonly host_name: string;
  readonly protected: 0 | 1;
}

/** The facts the rules need. */
export interface Situation {
  readonly caller: 'application' | 'person';
  /** Distinct agents this caller has isolated or uninstalled within the hour. */
  readonly recent: ReadonlySet<number>;
  /** Agents with a desired isolation now, from all callers together. */
  readonly isolated: number;
  readonly fleet: number;
}

/**
 * The defaults let an ordinary hour pass: a playbook that isolates and releases the same endpoint counts once, the
 * share does not apply to a small fleet, and a hundred distinct endpoints an hour are no accident.
 */
export const defaultSettings: GuardSettings = {
  enabled: true,
  perApplicationPerHour: 100,
  perPersonPerHour: 100,
  shareOfFleet: 0.5,
  shareCountsAbove: 20,
};

/** Why the act needs a second person; empty when it does not. */
export function judge(settings: GuardSettings, situation: Situation, targets: readonly Target[]): GuardReason[] {
  if (targets.length === 0) return [];
  // Disabling the budgets does not end the protection of an endpoint.
  if (!settings.enabled) return protectedOnes(targets);
  return [...protectedOnes(targets), ...budget(settings, situation, targets), ...share(settings, situation, targets)];
}

function protectedOnes(targets: readonly Target[]): GuardReason[] {
  const names = targets.filter((one) => one.protected === 1).map((one) => one.host_name);
  if (names.length === 0) return [];
  const named = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  const are = names.length === 1 ? 'is protected' : 'are protected';
  return [{ rule: 'protected', message: `${named} ${are}: a second person must approve this.` }];
}

function budget(settings: GuardSettings, situation: Situation, targets: readonly Target[]): GuardReason[] {
  const allowed = situation.caller === 'person' ? settings.perPersonPerHour : settings.perApplicationPerHour;
  const fresh = targets.filter((one) => !situation.recent.has(one.number)).length;
  const total = situation.recent.size + fresh;
  if (fresh === 0 || total <= allowed) return [];
  const message =
    `This would affect ${fresh} more endpoints, ${total} within an hour; ` +
    `the limit for one ${situation.caller} is ${allowed} per hour.`;
  return [{ rule: 'budget', message }];
}

function share(settings: GuardSettings, situation: Situation, targets: readonly Target[]): GuardReason[] {
  const isolated = situation.isolated + targets.length;
  if (isolated <= settings.shareCountsAbove || isolated <= settings.shareOfFleet * situation.fleet) return [];
  const percent = Math.round((isolated / Math.max(1, situation.fleet)) * 100);
  const message =
    `${isolated} of ${situation.fleet} endpoints would be isolated at once (${percent} %); ` +
    `the limit is ${Math.round(settings.shareOfFleet * 100)} % when more than ${settings.shareCountsAbove} are isolated.`;
  return [{ rule: 'share', message }];
}
