/** Break-glass: a one-time code that ends one isolation at the endpoint, without a network. */
import { createHash } from 'node:crypto';

/** The isolation that a code is for. */
export interface BreakGlassFor {
  readonly agent: string;
  readonly enrolment: string;
  readonly epoch: number;
}

/** Crockford's base 32: no I, L, O or U, so that a code can be read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits in three groups. */
const characters = 12;

/** The code from the first bytes of a secret, `XXXX-XXXX-XXXX`. */
export function writeBreakGlassCode(secret: Buffer): string {
  if (secret.length < characters)
    throw new Error(`A code needs ${characters} secret bytes; there are ${secret.length}.`);
  const letters = [...secret.subarray(0, characters)].map((byte) => alphabet.charAt(byte % alphabet.length));
  return [letters.slice(0, 4), letters.slice(4, 8), letters.slice(8)].map((group) => group.join('')).join('-');
}

/**
 * What the desired state carries instead of the code: SHA-256, hex, bound to agent, enrolment and epoch. It tolerates
 * how people type: letter case, spaces, dashes, O for 0, I and L for 1.
 */
export function breakGlassDigest(code: string, isolation: BreakGlassFor): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const { agent, enrolment, epoch } = isolation;
  const text = `cordon break-glass 1\n${agent.toUpperCase()}\n${enrolment.toUpperCase()}\n${epoch}\n${plain}`;
  return createHash('sha256').update(text).digest('hex');
}
