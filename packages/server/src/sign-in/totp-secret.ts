/** The secrets of a second factor as they are stored: sealed, or derived with the master key. */
import { randomBytes } from 'node:crypto';
import type { Sealer } from '../secrets/sealing.ts';
import { base32 } from './totp.ts';

/** RFC 4226, 4: as long as the hash. */
export function newSecret(): Buffer {
  return randomBytes(20);
}

export function sealSecret(sealer: Sealer, user: string, secret: Buffer): string {
  return sealer.seal(purpose(user), secret.toString('base64'));
}

export function secretOf(sealer: Sealer, user: string, sealed: string): Buffer {
  return Buffer.from(sealer.unseal(purpose(user), sealed), 'base64');
}

/** 80 bits in four groups, which replace a lost authenticator. */
export function newRecoveryCode(): string {
  return (base32(randomBytes(10)).match(/.{4}/g) ?? []).join('-').toLowerCase();
}

/** Not a plain hash: someone who steals the database must not be able to test guesses. */
export function recoveryHash(sealer: Sealer, user: string, code: string): string {
  const letters = code.replaceAll(/[\s-]/g, '').toUpperCase();
  return sealer.derive(`recovery code ${user} ${letters}`).toString('base64');
}

function purpose(user: string): string {
  return `totp ${user}`;
}
