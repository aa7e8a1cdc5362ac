/**
 * Encrypts file content piece by piece, so that a copy in quarantine neither runs nor matches in a sweep.
 *
 * AES-256 in counter mode with a key for each copy, so that no counter is ever used twice; what comes out is checked
 * against the SHA-256 that went in. A piece of zeros stays a hole: a sparse file takes as much in quarantine as before.
 */
import { createCipheriv, hkdfSync } from 'node:crypto';

/** A whole number of cipher blocks. */
export const pieceBytes = 262_144;
const blockBytes = 16;
const zeros = Buffer.alloc(pieceBytes);

export class PieceCipher {
  readonly #key: Buffer;

  constructor(quarantineKey: Buffer, copy: string) {
    this.#key = Buffer.from(hkdfSync('sha256', quarantineKey, Buffer.alloc(0), `cordon quarantine ${copy}`, 32));
  }

  /** Encrypts, and decrypts, the piece at `offset`; undefined for a hole, which stays one. */
  turn(piece: Buffer, offset: number): Buffer | undefined {
    if (isHole(piece)) return undefined;
    const counter = Buffer.alloc(blockBytes);
    counter.writeBigUInt64BE(BigInt(offset / blockBytes), 8);
    return createCipheriv('aes-256-ctr', this.#key, counter).update(piece);
  }
}

function isHole(piece: Buffer): boolean {
  return piece.equals(zeros.subarray(0, piece.length));
}
