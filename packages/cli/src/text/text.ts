/** Makes text from servers and endpoints safe for a terminal. */

/**
 * Control characters (they move the cursor, rewrite the screen, set the title) and the marks that reorder or hide
 * text. Text from endpoints is hostile.
 */
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(unprintable, ' ');
}

/** Indented JSON with a final newline. */
export function jsonText(value: unknown): string {
  return `${jsonOf(value, 2)}\n`;
}

/** JSON without a line break. */
export function jsonLine(value: unknown): string {
  return jsonOf(value, 0);
}

/** JSON escapes the lower control characters itself; the others are escaped here. */
function jsonOf(value: unknown, indent: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `2026-11-22 04:00 UTC`. */
export function moment(milliseconds: number | null): string {
  return milliseconds === null ? '-' : `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `4 h`, `3 h 59 min`, `2 d 1 h`, `45 s`: the two largest units that are not zero. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  if (first < 0) return '0 s';
  const shown = units.slice(first, first + 2).filter(([, count]) => count > 0);
  return shown.map(([unit, count]) => `${count} ${unit}`).join(' ');
}

/** `1 agent`, `2 agents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `24h`, `90m`, `7d`, `45s` or bare seconds; undefined for anything else. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d{1,9})(s|m|h|d)?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? 's'] ?? 1);
}

/** Milliseconds since 1970 of `2027-01-31` or `2027-01-31T12:00:00Z`; undefined for anything else. */
export function momentOf(text: string): number | undefined {
  // A time without a zone is UTC, as everywhere in the API; JavaScript would read it as local time.
  const date = Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(date) ? date : undefined;
}
