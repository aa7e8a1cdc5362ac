/** Time-based one-time passwords (RFC 6238): SHA-1, 30 seconds, six digits, as authenticators assume. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const stepMs = 30_000;
/** How many steps a clock may be early or late. */
const windowSteps = 1;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The time step of a moment. */
export function stepAt(now: number): number {
  return Math.floor(now / stepMs);
}

/** The code of a time step (RFC 4226, 5.3). */
export function codeAt(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The step of this code, among those near `now` and later than `after`; undefined if it matches none. */
export function stepOf(
  secret: Buffer,
  code: string,
  { now, after }: { now: number; after: number },
): number | undefined {
  const given = Buffer.from(code.replaceAll(/\s/g, ''));
  let found: number | undefined;
  for (let step = stepAt(now) - windowSteps; step <= stepAt(now) + windowSteps; step += 1) {
    const expected = Buffer.from(codeAt(secret, step));
    const fits = given.length === expected.length && timingSafeEqual(given, expected);
    if (fits && step > after) found = step;
  }
  return found;
}

/** What an authenticator reads from a QR code. */
export function otpauthUri(user: string, secret: Buffer): string {
  const label = encodeURIComponent(`Cordon:${user}`);
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Cordon&algorithm=SHA1&digits=6&period=30`;
}

/** RFC 4648, 6, without padding. */
export function base32(bytes: Buffer): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((held >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31);
}
