/** Seals secrets in the database, so that a stolen database alone is useless. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export class Sealer {
  readonly #key: Buffer;

  /** `key` is the master key, 32 bytes; it is never in the database. */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new Error(`The master key has ${key.length} bytes; it must have 32.`);
    this.#key = key;
  }

  /** Base64 of nonce, tag and ciphertext. `purpose` names the row, so that sealed values cannot be swapped. */
  seal(purpose: string, secret: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** 32 bytes that only the holder of the master key can derive, always the same for the same purpose. */
  derive(purpose: string): Buffer {
    return createHmac('sha256', this.#key).update(`derive ${purpose}`).digest();
  }

  /** The secret that was sealed for the same purpose, or an Error. */
  unseal(purpose: string, sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, nonceBytes);
    const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes);
    try {
      const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag);
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new Error(`"${purpose}" was sealed with another master key. Give this server the key it was sealed with.`);
    }
  }
}
