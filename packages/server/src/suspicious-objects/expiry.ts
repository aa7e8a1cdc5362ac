/**
 * Expiration dates: every spelling that deployed clients send, and the one that we return (contract 8, rules 4 and 18).
 */
import { Refusal } from '@cordon/protocol/automation';

/** Date, hours and minutes; seconds and a fraction may follow, then nothing, `Z`, a literal `U`, or a zero offset. */
const form = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(?:Z|U|\+00:?00)?$/i;

/** Milliseconds since 1970, or null for never. Times without a zone are UTC. A past moment is refused. */
export function parseExpiry(text: string | null | undefined, now: number): number | null {
  const trimmed = (text ?? '').trim();
  if (trimmed === '') return null;
  const at = millisecondsOf(trimmed);
  if (at === undefined) {
    throw new Refusal(
      'parameter-invalid',
      `expiration_utc_date is "${trimmed.slice(0, 40)}"; write it in UTC as YYYY-MM-DDTHH:MM:SSZ, or leave it out for never.`,
    );
  }
  if (at > now) return at;
  throw new Refusal(
    'parameter-invalid',
    `expiration_utc_date is ${writeExpiry(at)} UTC, which is in the past: it is ${writeExpiry(now)} UTC now.`,
  );
}

/** `YYYY-MM-DDThh:mm:ss` without a zone letter, which a strict client cannot read. */
export function writeExpiry(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}

function millisecondsOf(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const at = Date.UTC(year, month - 1, day, hour ?? 0, minute ?? 0, second ?? 0);
  // Date.UTC turns 31 February into a day in March and 12:75 into 13:15; a valid date comes back unchanged.
  const [, ...digits] = match.slice(0, 6);
  const written = `${digits.slice(0, 3).join('-')}T${digits.slice(3).join(':')}:${match[6] ?? '00'}`;
  return writeExpiry(at) === written ? at : undefined;
}
