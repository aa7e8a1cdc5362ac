/** Decides what happens to a file with listed content, and describes it. */
import type { DetectedFile, ProcessInfo } from '@cordon/protocol/channel';
import type { FileRule, Match } from '../ipc/worker-messages.ts';
import type { Problem } from '../problem.ts';
import type { Entry } from './quarantine/entry.ts';
import { filePathOf } from '../fs/path.ts';

const maxRemarkLength = 500;

export type Decision =
  | { readonly kind: 'quarantine' }
  | { readonly kind: 'report'; readonly action: 'logged' | 'held-back'; readonly remark: string | null };

export interface Protection {
  readonly kind: 'always' | 'package' | undefined;
  readonly owner: string | null;
}

/** `act` false only reports. */
export function decide(rule: FileRule, protection: Protection, { act }: { readonly act: boolean }): Decision {
  if (rule.action === 'log') return { kind: 'report', action: 'logged', remark: null };
  if (rule.action === 'block')
    return {
      kind: 'report',
      action: 'logged',
      remark: 'The file is on this endpoint; where on-access enforcement is on, it cannot be opened.',
    };
  const problem = whyProtected(rule, protection);
  if (problem !== undefined) return { kind: 'report', action: 'held-back', remark: problem };
  return act
    ? { kind: 'quarantine' }
    : { kind: 'report', action: 'logged', remark: 'This was a search only: it would be quarantined.' };
}

/** Why it may not be taken. */
export function whyProtected({ confirmed }: Pick<FileRule, 'confirmed'>, { kind, owner }: Protection): Problem {
  if (kind === 'always') return 'It is needed by the system or by Cordon itself, and is never quarantined.';
  if (kind === 'package' && !confirmed)
    return `It is ${owner === null ? 'a login shell' : `part of the installed package ${owner}`}. Confirm the object to quarantine it anyway.`;
  return undefined;
}

export interface FileFacts {
  readonly path: Buffer;
  readonly sha1: string;
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  readonly otherLinks: number;
  readonly quarantine: string | null;
  readonly usedBy: readonly ProcessInfo[];
}

export function detectedFile({ path, usedBy, inode, ...facts }: FileFacts): DetectedFile {
  // Some filesystems have numbers beyond what a double holds; such a number only names, and is never compared again.
  return { ...facts, path: filePathOf(path), inode: Math.min(inode, Number.MAX_SAFE_INTEGER), usedBy: [...usedBy] };
}

export interface MatchFacts extends Pick<Match, 'at' | 'detectedBy' | 'object' | 'action' | 'remark'> {
  readonly file: DetectedFile;
}

export function makeMatch({ remark, ...facts }: MatchFacts): Match {
  return { ...facts, remark: clipped(remark), count: 1, process: null, user: null, remote: null };
}

/** Of a copy that is, or was, in quarantine. */
export function fileOfEntry(
  { id: quarantine, path, sha1, size, was }: Entry,
  place = { device: Number(was.device), inode: Number(was.inode) },
): DetectedFile {
  const facts = { path: Buffer.from(path, 'base64'), sha1, size, otherLinks: 0, quarantine, usedBy: [] };
  return detectedFile({ ...place, ...facts });
}

export function clipped(remark: string | null): string | null {
  return remark === null ? null : remark.slice(0, maxRemarkLength).toWellFormed();
}
