/** The text of the audit that is hashed and signed; the server, the CLI and the browser share it. */
import type { AuditLine } from './audit.shape.ts';

/** The hash before the first line. */
export const chainStart = '0'.repeat(64);

/** A signature over the chain up to one line. */
export interface Checkpoint {
  /** Id of the line. */
  readonly id: number;
  /** Its hash. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** The order of the fields is part of the format. */
export function chainedText(previous: string, line: Omit<AuditLine, 'hash'>): string {
  const { id, at, actor, source, act, target, outcome, detail, requestId } = line;
  const text = JSON.stringify([id, at, actor, source, act, target, outcome, detail, requestId]);
  return `cordon audit 1\n${previous}\n${text}`;
}

export function checkpointText(point: Omit<Checkpoint, 'signature'>): string {
  return `cordon audit-checkpoint 1\n${point.id}\n${point.hash}\n${point.at}`;
}
