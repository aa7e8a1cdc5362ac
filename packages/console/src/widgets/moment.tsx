/** Times in the viewer's zone, with UTC on hover. */
import type { JSX } from 'preact';

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const thisYear = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

interface MomentProps {
  /** Milliseconds since 1970. */
  readonly at: number | null;
  /** Shown where there is no time. */
  readonly never?: string;
  /** "3 minutes ago" instead of the date; hover then shows the date too. */
  readonly ago?: true;
}

export function Moment({ at, never = 'never', ago }: MomentProps): JSX.Element {
  if (at === null) return <span class="quiet">{never}</span>;
  const utc = utcOf(at);
  const shown = local.format(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={`${shown}\n${utc}`}>
      {ago === true ? agoOf(at, Date.now()) : shortOf(at)}
    </time>
  );
}

/** Without the year, if that is this one. */
function shortOf(at: number): string {
  const isThisYear = new Date(at).getFullYear() === new Date().getFullYear();
  return (isThisYear ? thisYear : local).format(at);
}

/** `2026-11-22 07:45:29 UTC`. */
export function utcOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const steps = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** "3 minutes ago", "in 2 hours". */
export function agoOf(at: number, now: number): string {
  const distance = at - now;
  for (const [unit, length] of steps) {
    if (Math.abs(distance) >= length) return relative.format(Math.trunc(distance / length), unit);
  }
  return relative.format(0, 'second');
}

/** "5 min", "2 h 10 min": a duration. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`;
}

/** A duration, in milliseconds when it is short. */
export function tookOf(milliseconds: number): string {
  return milliseconds < 10_000 ? `${milliseconds} ms` : spanOf(milliseconds);
}
