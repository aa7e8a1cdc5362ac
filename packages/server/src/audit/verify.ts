/** Verifies the whole audit log as the database holds it. */
import { createPublicKey } from 'node:crypto';
import { verifyChain } from '@cordon/protocol/audit-chain';
import type { AuditLine } from '@cordon/protocol/console';
import type { Queries } from '../database/database.ts';
import type { SigningKey } from '../secrets/signing-key.ts';
import { shown } from './audit.ts';
import { allCheckpoints, linesAfter } from './queries.ts';

/** Lines read at once. */
const pageSize = 5000;

export interface VerifiedAudit {
  readonly lines: number;
  /** The newest line that a checkpoint covers; 0 for none. */
  readonly signedUpTo: number;
  /** Where the chain is broken; undefined when it is not. */
  readonly problem: string | undefined;
}

export async function verifyAudit(read: Queries, { publicKey }: Pick<SigningKey, 'publicKey'>): Promise<VerifiedAudit> {
  const lines = await allLines(read);
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const { signedUpTo, problem } = verifyChain(lines, await allCheckpoints(read), key);
  return { lines: lines.length, signedUpTo, problem };
}

async function allLines(read: Queries): Promise<AuditLine[]> {
  const lines: AuditLine[] = [];
  for (;;) {
    const page = await linesAfter(read, lines.at(-1)?.id ?? 0, pageSize);
    lines.push(...page.map(shown));
    if (page.length < pageSize) return lines;
  }
}
