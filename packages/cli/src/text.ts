/** Turns what servers and endpoints say into text that a terminal can be trusted with. */

/**
 * Control characters (they move the cursor, rewrite the screen, set the title) and the marks that reorder or hide
 * text. Text from endpoints is hostile.
 */
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(unprintable, ' ');
}

/** Indented JSON and a line's end. JSON escapes the lower controls itself; the others are escaped here. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2).replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** `2026-11-22 04:00 UTC`. */
export function moment(milliseconds: number | null): string {
  return milliseconds === null ? '-' : `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
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
