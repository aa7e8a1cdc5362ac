/** Judges opened claims: version and age from the header alone, the checksum once the body is known. */
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../automation/reasons.ts';
import type { Claims } from './open.ts';

export interface Freshness {
  /** The moment the request arrived, seconds since 1970. */
  readonly now: number;
  /** The application's communication time-out, seconds. */
  readonly timeout: number;
}

/**
 * Refuses claims of another version, and claims made longer ago than the time-out. A token from the future is
 * allowed the same interval, because clocks differ both ways (contract 1.5, our choice).
 */
export function judgeClaims(claims: Claims, freshness: Freshness): void {
  if (claims.version !== 'V1') throw new Refusal('version-unsupported', 'The token\'s "version" must be "V1".');
  const age = freshness.now - claims.issuedAt;
  if (Math.abs(age) <= freshness.timeout) return;
  const when = age > 0 ? `${seconds(age)} s ago` : `${seconds(-age)} s in the future`;
  throw new Refusal(
    'token-expired',
    `The token was made ${when} by this server's clock; this application allows ${freshness.timeout} s. ` +
      'Make a new token for each request, and check both clocks.',
  );
}

/**
 * Refuses when the checksum in the claims is none of `computed` (base64). There are two where a client may have
 * signed either `//path` or `/path` (contract 8, rule 5).
 */
export function judgeChecksum(claims: Claims, computed: readonly string[]): void {
  const claimed = Buffer.from(claims.checksum);
  const fits = computed.some((checksum) => {
    const bytes = Buffer.from(checksum);
    return bytes.length === claimed.length && timingSafeEqual(bytes, claimed);
  });
  if (fits) return;
  throw new Refusal(
    'checksum-invalid',
    'The checksum in the token does not fit this request. Hash METHOD|path and query in lower case|headers|body, ' +
      'over the very bytes that are sent.',
  );
}

function seconds(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}
