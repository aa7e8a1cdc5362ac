/** Verifies the audit locally; the server's key is taken on trust only the first time. */
import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { verifyChain } from '@cordon/protocol/audit-chain';
import type { AuditLine } from '@cordon/protocol/console';
import type { Invocation } from '../../command/command.ts';
import { consoleClient, keepAudit, knownAudit } from '../../connection/connection.ts';
import { CommandError, exitCodes } from '../../command/failure.ts';
import type { KnownAudit } from '../../connection/kept-connections.ts';
import { counted } from '../../text/text.ts';
import { pagesAfter } from './pages.ts';

export async function verify(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const known = await knownAudit(call);
  // Read before the lines, so that every line a checkpoint covers is among those read later.
  const { publicKey, checkpoints } = await client.audit.checkpoints();
  if (known !== undefined && known.publicKey !== publicKey) throw otherKey(known.publicKey, publicKey);
  const lines: AuditLine[] = [];
  for await (const page of pagesAfter(call, 0)) lines.push(...page);
  const verdict = verifyChain(lines, checkpoints, keyFrom(publicKey));
  const problem = verdict.problem ?? forgotten(known, lines);
  if (problem !== undefined) throw broken(problem);
  const last = lines.at(-1);
  if (last !== undefined) await keepAudit(call, { publicKey, id: last.id, hash: last.hash });
  const { problem: _, ...found } = verdict;
  const key = fingerprint(publicKey);
  call.print(
    { verified: true, ...found, key, pinned: known === undefined ? 'now' : 'before' },
    `${counted(found.lines, 'line')}, chained without a gap.\n` +
      `${counted(found.checkpoints, 'checkpoint')}, signed up to line ${found.signedUpTo}.\n` +
      `Audit key ${key}, ${pinText(known)}\n`,
  );
}

function pinText(known: KnownAudit | undefined): string {
  if (known === undefined) return 'pinned now; a different key is reported from now on.';
  return `as pinned; line ${known.id}, the last one verified before, is still there.`;
}

/** Lines verified earlier must still exist: a truncated chain is consistent too. */
function forgotten(known: KnownAudit | undefined, lines: readonly AuditLine[]): string | undefined {
  if (known === undefined) return undefined;
  const line = lines[known.id - 1];
  if (line === undefined) return `Line ${known.id} was verified before and is now missing.`;
  return line.hash === known.hash ? undefined : `Line ${known.id} differs from the one verified before.`;
}

function broken(problem: string): CommandError {
  return new CommandError(
    exitCodes.failed,
    `Audit verification failed. ${problem}`,
    'The database was changed outside the server. Keep a copy and compare it with backups and exports.',
  );
}

function otherKey(pinned: string, shown: string): CommandError {
  return new CommandError(
    exitCodes.failed,
    `THE AUDIT KEY HAS CHANGED: ${fingerprint(shown)} instead of the pinned ${fingerprint(pinned)}.`,
    'The audit log may have been rebuilt by somebody without the old key. Unless you know why the key was replaced, ' +
      'do not trust it. "cordon logout" removes the pinned key together with the connection.',
  );
}

function keyFrom(publicKey: string): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw broken('The server shows no usable key for its checkpoints.');
  }
}

/** SHA-256, hex. */
function fingerprint(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
}
