/** Generated from audit.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, list, nullable, object, optional, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** One line of the audit: who did or tried what, to what, from where, and the outcome. */
export interface AuditLine {
  id: number;
  at: Milliseconds;
  actor: string;
  source: string;
  act: string;
  target: string;
  /** `done`, or the reason of the refusal. */
  outcome: string;
  detail: string;
  requestId: string;
  /** SHA-256 over this line and the hash before it; see `audit-chain.ts`. */
  hash: string;
}
export const auditLineShape: Shape<AuditLine> = object({
  id: integer(),
  at: millisecondsShape,
  actor: text(),
  source: text(),
  act: text(),
  target: text(),
  outcome: text(),
  detail: text(),
  requestId: text(),
  hash: text(),
});

export interface AuditPage {
  lines: AuditLine[];
  next: number | null;
  /** True for an account that is limited to folders: it gets some lines, without hashes, and cannot verify the chain. */
  part?: boolean;
}
export const auditPageShape: Shape<AuditPage> = object({
  lines: list(auditLineShape),
  next: nullable(integer()),
  part: optional(boolean()),
});

/** GET audit/checkpoints: signatures over the chain, and the key (Ed25519, SPKI DER, base64) that verifies them. */
export interface AuditCheckpoints {
  publicKey: string;
  checkpoints: { id: number; hash: string; at: Milliseconds; signature: string }[];
}
export const auditCheckpointsShape: Shape<AuditCheckpoints> = object({
  publicKey: text(),
  checkpoints: list(object({ id: integer(), hash: text(), at: millisecondsShape, signature: text() })),
});
