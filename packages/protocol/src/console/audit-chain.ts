/**
 * The audit as a chain: each line's hash covers the line and the hash before it, and checkpoints sign the hash from
 * time to time. To change, remove or reorder a line breaks the chain; a chain that is rebuilt as a whole has no valid
 * checkpoints.
 */
import { createHash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chainStart, chainedText, checkpointText } from './audit-text.ts';
import type { Checkpoint } from './audit-text.ts';
import type { AuditLine } from './audit.shape.ts';

export { chainStart } from './audit-text.ts';
export type { Checkpoint } from './audit-text.ts';

/** The result. `problem` is undefined when the chain is valid. */
export interface ChainVerdict {
  readonly lines: number;
  readonly checkpoints: number;
  /** ID of the last line covered by a checkpoint; later lines are chained, but not signed yet. */
  readonly signedUpTo: number;
  readonly problem: string | undefined;
}

/** SHA-256, hex. */
export function hashOfLine(previous: string, line: Omit<AuditLine, 'hash'>): string {
  return createHash('sha256').update(chainedText(previous, line)).digest('hex');
}

export function signCheckpoint(point: Omit<Checkpoint, 'signature'>, key: KeyObject): Checkpoint {
  return { ...point, signature: sign(null, checkpointBytes(point), key).toString('base64') };
}

/** Walks the chain from its first line, and verifies every checkpoint. */
export function verifyChain(
  lines: readonly AuditLine[],
  checkpoints: readonly Checkpoint[],
  key: KeyObject,
): ChainVerdict {
  const hashes = new Map<number, string>();
  let previous = { id: 0, hash: chainStart };
  for (const line of lines) {
    const problem = breakAt(previous, line);
    if (problem !== undefined) return { lines: hashes.size, checkpoints: 0, signedUpTo: 0, problem };
    hashes.set(line.id, line.hash);
    previous = line;
  }
  let signedUpTo = 0;
  for (const [index, point] of checkpoints.entries()) {
    const problem = checkpointProblem(point, hashes.get(point.id), key);
    if (problem !== undefined) return { lines: hashes.size, checkpoints: index, signedUpTo, problem };
    signedUpTo = Math.max(signedUpTo, point.id);
  }
  return { lines: hashes.size, checkpoints: checkpoints.length, signedUpTo, problem: undefined };
}

function breakAt(previous: { id: number; hash: string }, line: AuditLine): string | undefined {
  if (line.id !== previous.id + 1) {
    return `Line ${previous.id} is followed by line ${line.id}: lines are missing or out of order.`;
  }
  if (line.hash === hashOfLine(previous.hash, line)) return undefined;
  return `Line ${line.id} does not fit its hash: it, or what came before it, was changed.`;
}

function checkpointProblem(point: Checkpoint, hash: string | undefined, key: KeyObject): string | undefined {
  if (!verify(null, checkpointBytes(point), key, Buffer.from(point.signature, 'base64'))) {
    return `The checkpoint at line ${point.id} is not signed by this server.`;
  }
  if (hash === undefined) return `A checkpoint vouches for line ${point.id}, which is missing.`;
  return hash === point.hash ? undefined : `The chain at line ${point.id} is not the one that was signed.`;
}

function checkpointBytes(point: Omit<Checkpoint, 'signature'>): Buffer {
  return Buffer.from(checkpointText(point));
}
