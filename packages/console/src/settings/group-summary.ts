/** Summarises the settings of a group. */
import type { Group } from '@cordon/protocol/console';

type Settings = Group['settings'];

const kinds = [
  ['onAccess', 'file access'],
  ['sweep', 'disk scans'],
  ['network', 'network'],
] as const;

/** "enforces opening, logs network"; "everything off". */
export function settingsInWords(settings: Settings): string {
  const of = (mode: string): string[] => kinds.filter(([kind]) => settings[kind] === mode).map(([, word]) => word);
  const [enforced, logged] = [of('enforce'), of('log')];
  const parts = [
    enforced.length === 0 ? '' : `enforces ${enforced.join(', ')}`,
    logged.length === 0 ? '' : `logs ${logged.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything off' : parts.join('; ');
}

/** Whether its endpoints neither enforce nor log suspicious objects. */
export function isOff(settings: Settings): boolean {
  return kinds.every(([kind]) => settings[kind] === 'off');
}

/** Whether its endpoints enforce anything. */
export function enforces(settings: Settings): boolean {
  return kinds.some(([kind]) => settings[kind] === 'enforce');
}
