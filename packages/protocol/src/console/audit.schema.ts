/** The audit and its checkpoints. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';

/** One line of the audit: who did or tried what, to what, from where, and the outcome. */
export const AuditLine = Type.Object({
  id: Type.Integer(),
  at: Milliseconds,
  actor: Type.String(),
  source: Type.String(),
  act: Type.String(),
  target: Type.String(),
  /** `done`, or the reason of the refusal. */
  outcome: Type.String(),
  detail: Type.String(),
  requestId: Type.String(),
  /** SHA-256 over this line and the hash before it; see `audit-chain.ts`. */
  hash: Type.String(),
});

export const AuditPage = Type.Object({
  lines: Type.Array(AuditLine),
  next: Nullable(Type.Integer()),
  /** True for an account that is limited to folders: it gets some lines, without hashes, and cannot verify the chain. */
  part: Type.Optional(Type.Boolean()),
});

/** GET audit/checkpoints: signatures over the chain, and the key (Ed25519, SPKI DER, base64) that verifies them. */
export const AuditCheckpoints = Type.Object({
  publicKey: Type.String(),
  checkpoints: Type.Array(
    Type.Object({ id: Type.Integer(), hash: Type.String(), at: Milliseconds, signature: Type.String() }),
  ),
});
