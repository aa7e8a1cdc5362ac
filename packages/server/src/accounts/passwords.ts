/** Passwords as scrypt hashes: deliberately slow, off the event loop. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { minPasswordLength } from '@cordon/protocol/console';

/** The parameters of scrypt. They are stored with each hash, so they can be raised. */
export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 80 ms an attempt: what every server uses. Only tests of other things use less. */
export const productionPasswordCost: PasswordCost = { N: 32_768, r: 8, p: 1 };

const keyBytes = 32;

/** `scrypt$N$r$p$salt$key`, base64. */
export async function hashPassword(password: string, cost: PasswordCost): Promise<string> {
  const salt = randomBytes(16);
  return hashText(cost, salt, await derive(password, salt, cost));
}

/** A hash that no password matches, of the same cost as a real one. */
export function unmatchableHash(cost: PasswordCost): string {
  return hashText(cost, Buffer.alloc(16), Buffer.alloc(keyBytes));
}

/** Whether `password` is the one that was hashed. */
export async function passwordFits(password: string, hash: string): Promise<boolean> {
  const [, n, r, p, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'base64');
  const given = await derive(password, Buffer.from(salt, 'base64'), { N: Number(n), r: Number(r), p: Number(p) });
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** 20 characters without look-alikes, some 116 bits. */
export function newPassword(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  const letters: string[] = [];
  while (letters.length < 20) {
    for (const byte of randomBytes(32)) {
      // The largest multiple of the alphabet's length below 256, so that all letters are equally likely.
      if (byte < alphabet.length * 4 && letters.length < 20) letters.push(alphabet.charAt(byte % alphabet.length));
    }
  }
  return letters.join('');
}

function hashText({ N, r, p }: PasswordCost, salt: Buffer, key: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  const options = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, keyBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** Why `user` may not use `password`; undefined if it is allowed. Length is what counts (NIST SP 800-63B, 3.1.1). */
export function weaknessOf(password: string, user: string): string | undefined {
  // oxlint-disable-next-line typescript/no-misused-spread -- code points are what is counted
  const length = [...password.normalize('NFC')].length;
  if (length < minPasswordLength) {
    return `The password has ${length} characters; it must have ${minPasswordLength}. Any characters will do.`;
  }
  if (user.length > 2 && password.toLowerCase().includes(user.toLowerCase())) {
    return 'The password has the name of its user in it; choose one without.';
  }
  return undefined;
}
