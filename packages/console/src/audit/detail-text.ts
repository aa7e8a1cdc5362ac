/** Formats audit details for people: text unchanged, JSON as names and values in words. */
import { spanOf, utcOf } from '../widgets/moment.tsx';
import { spaced } from '../words/words.ts';

/** Names and values that do not explain themselves; a value with an empty name needs none. */
const names: Readonly<Record<string, string>> = {
  agents: 'endpoints',
  by: 'added',
  act: 'quarantine',
  roots: 'folders',
  work: '',
  kind: '',
  change: '',
};
const values: Readonly<Record<string, string>> = {
  hand: 'manually',
  true: 'yes',
  false: 'no',
  sweep: 'disk scan',
  find: 'file search',
  'restore-files': 'restore',
  'end-processes': 'end processes',
};

/** The reason comes first, because readers look for it; empty fields are left out. */
export function detailInWords(detail: string): string {
  const fields = objectIn(detail);
  if (fields === undefined) return detail;
  const parts = Object.entries(fields).flatMap(([name, value]) => partsOf(name, value));
  return [...parts.filter(isReason), ...parts.filter((part) => !isReason(part))].join(', ');
}

function isReason(part: string): boolean {
  return part.startsWith('reason: ');
}

function partsOf(name: string, value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  if (Array.isArray(value)) {
    const inner = value.map((one: unknown) => partsOf('', one).join(', ')).filter((one) => one !== '');
    return inner.length === 0 ? [] : [labelled(name, inner.join('; '))];
  }
  if (typeof value === 'object') {
    const inner = Object.entries(value).flatMap(([key, one]) => partsOf(key, one));
    return inner.length === 0 ? [] : [labelled(name, inner.join(', '))];
  }
  if (typeof value === 'number') return [amountOf(name, value)];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const nested = objectIn(text);
  if (nested !== undefined) return partsOf(name, nested);
  return [labelled(name, values[text] ?? text)];
}

/** `forSeconds: 3600` as "for: 1 h", `expiresAt` as "expires: 2026-11-22 07:45:29 UTC". */
function amountOf(name: string, value: number): string {
  if (name.endsWith('Seconds')) return labelled(name.slice(0, -'Seconds'.length), spanOf(value * 1000));
  if (/[a-z]At$/.test(name)) return labelled(name.slice(0, -'At'.length), utcOf(value));
  return labelled(name, String(value));
}

function labelled(name: string, text: string): string {
  const label = names[name] ?? spaced(name);
  return label === '' ? text : `${label}: ${text}`;
}

function objectIn(detail: string): object | undefined {
  if (!detail.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(detail);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // Truncated by the length limit of an audit line.
  }
}
