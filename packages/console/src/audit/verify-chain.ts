/** Verifies the whole audit chain in the browser, as `cordon audit verify` does. */
import { chainStart, chainedText, checkpointText } from '@cordon/protocol/audit-text';
import type { AuditCheckpoints, AuditLine } from '@cordon/protocol/console';
import { auditCheckpointsShape, auditPageShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { sha256Of, signatureFits } from '../browser/ed25519.ts';

export interface Verdict {
  readonly lines: number;
  readonly checkpoints: number;
  readonly signedUpTo: number;
  readonly problem: string | undefined;
  /** Undefined where the browser does not support Ed25519: only the hashes were checked. */
  readonly signatures: 'checked' | 'unknown';
}

/** Every line, oldest first. */
export async function allLines(progress: (lines: number) => void): Promise<AuditLine[]> {
  const all: AuditLine[] = [];
  for (;;) {
    const after = all.at(-1)?.id ?? 0;
    const page = await read(auditPageShape, 'GET', withQuery(consolePaths.audit, { after, limit: 1000 }));
    all.push(...page.lines);
    progress(all.length);
    if (page.next === null) return all;
  }
}

export async function verify(progress: (lines: number) => void): Promise<Verdict> {
  // Checkpoints first: lines written meanwhile come after them.
  const signed = await read(auditCheckpointsShape, 'GET', `${consolePaths.audit}/checkpoints`);
  const lines = await allLines(progress);
  const bare = { lines: lines.length, checkpoints: 0, signedUpTo: 0, signatures: 'checked' } as const;
  const broken = await firstBreak(lines);
  if (broken !== undefined) return { ...bare, problem: broken };
  return { ...bare, ...(await judgeCheckpoints(lines, signed)) };
}

async function firstBreak(lines: readonly AuditLine[]): Promise<string | undefined> {
  let previous = { id: 0, hash: chainStart };
  for (const line of lines) {
    if (line.id !== previous.id + 1)
      return `Entry ${previous.id} is followed by entry ${line.id}: entries are missing.`;
    if ((await sha256Of(chainedText(previous.hash, line))) !== line.hash) {
      return `Entry ${line.id} does not match its hash: it or an earlier entry was changed.`;
    }
    previous = line;
  }
  return undefined;
}

async function judgeCheckpoints(
  lines: readonly AuditLine[],
  { publicKey, checkpoints }: AuditCheckpoints,
): Promise<Omit<Verdict, 'lines'>> {
  let signedUpTo = 0;
  let signatures: Verdict['signatures'] = 'checked';
  for (const [index, point] of checkpoints.entries()) {
    const fits = await signatureFits(publicKey, point.signature, checkpointText(point));
    if (fits === undefined) signatures = 'unknown';
    const problem =
      fits === false ? `The checkpoint at entry ${point.id} was not signed by this server.` : gapAt(lines, point);
    if (problem !== undefined) return { checkpoints: index, signedUpTo, problem, signatures };
    signedUpTo = Math.max(signedUpTo, point.id);
  }
  return { checkpoints: checkpoints.length, signedUpTo, problem: undefined, signatures };
}

function gapAt(lines: readonly AuditLine[], point: { id: number; hash: string }): string | undefined {
  const line = lines[point.id - 1];
  if (line === undefined) return `Entry ${point.id} is missing, but a checkpoint was signed for it.`;
  return line.hash === point.hash ? undefined : `The chain at entry ${point.id} does not match the signed checkpoint.`;
}
