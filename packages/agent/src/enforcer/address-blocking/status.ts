/** Describes how listed addresses are enforced on this endpoint, and how far names are visible. */
import type { ObjectMode, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type { Entries } from './entries.ts';

export interface Situation {
  readonly mode: ObjectMode;
  readonly entries: Entries;
  readonly unable: string | undefined;
  readonly shortfall: string | undefined;
  /** Whether a list was ever received. */
  readonly begun: boolean;
}

type State = ObjectEnforcementStatus['network'];

const maxMessage = 500;
const maxNamed = 5;

export function networkState({ mode, entries, unable, shortfall, begun }: Situation): State {
  if (unable !== undefined) return state('unable', unable);
  if (!begun) return state('starting', null);
  if (mode === 'off') return state('off', null);
  const blocked = entries.networks.filter((one) => one.action === 'block').length;
  const parts = [
    `${blocked} addresses and networks blocked, ${entries.networks.length - blocked} logged.`,
    shortfall,
    leftOpenText(entries.exempt),
    entries.leftOut === 0
      ? undefined
      : `${entries.leftOut} are not enforced here: they name no address and no host, or exceed what this agent accepts.`,
  ];
  return state('on', parts.filter((one) => one !== undefined).join(' '));
}

export function namesState({ mode, entries, unable, shortfall, begun }: Situation): State {
  if (unable !== undefined || (shortfall !== undefined && mode !== 'off'))
    return state('unable', unable ?? shortfall ?? null);
  if (!begun) return state('starting', null);
  if (mode === 'off') return state('off', null);
  return state(
    'on',
    `${entries.names.length} domains and URLs are detected in plain DNS questions, and logged. They are not blocked, and encrypted DNS is not visible.`,
  );
}

function leftOpenText(exempt: readonly string[]): string | undefined {
  if (exempt.length === 0) return undefined;
  const more = exempt.length > maxNamed ? ` and ${exempt.length - maxNamed} more` : '';
  return `Left open within what is listed: ${exempt.slice(0, maxNamed).join(', ')}${more}.`;
}

function state(word: State['state'], message: string | null): State {
  return { state: word, message: message?.slice(0, maxMessage) ?? null };
}
