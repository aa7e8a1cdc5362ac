/** Handles each file with listed content: decides, quarantines, reports. */
import type { Copy, ObjectName, ProcessInfo } from '@cordon/protocol/channel';
import { packRules, RuleIndex } from '../matching/rule-index.ts';
import type { FileRule, Match } from '../ipc/worker-messages.ts';
import { placeOf } from '../fs/file-keys.ts';
import type { ProtectedFileIndex } from './protected-files/protected-files.ts';
import type { Hit } from './sweep/reader.ts';
import { QuarantineFailure } from './quarantine/failure.ts';
import type { QuarantineThread } from './quarantine/thread.ts';
import { clipped, decide, detectedFile, makeMatch, whyProtected } from './decision.ts';
import type { FileFacts, Protection } from './decision.ts';
import { bytesOfPath, filePathOf } from '../fs/path.ts';
import { usersOf } from './processes.ts';

const maxUsers = 8;
/** Of the same object in one sweep: further ones are counted, and not reported one by one. */
const maxReported = 1000;
/** A list that changes every minute must not report the same file every minute. */
const reportAgainAfterMs = 24 * 3600 * 1000;
const maxRemembered = 10_000;
/** Of programs that open a file at the same moment, each is refused, and the file is quarantined for the first. */
const alreadyTaken = 'It had been refused before the file was moved into quarantine for another opening.';

export interface MatchHandlerDeps {
  readonly quarantine: QuarantineThread;
  readonly protectedFiles: () => Promise<ProtectedFileIndex>;
  readonly send: (match: Match) => void;
  readonly now: () => number;
}

/** One file within one sweep. */
export interface Sweeping {
  /** Quarantines what its rule says. */
  readonly act: boolean;
  /** No person requested it: what was reported recently is not reported again. */
  readonly automatic: boolean;
  /** How many of each digest were reported in this sweep. */
  readonly reported: Map<string, number>;
  readonly usedBy: readonly ProcessInfo[];
}

interface Done extends Pick<Match, 'action' | 'remark'> {
  readonly file: NonNullable<Match['file']>;
  /** It is no longer at its place, whatever removed it. */
  readonly isGone: boolean;
}

export class MatchHandler {
  readonly #deps: MatchHandlerDeps;
  /** What was reported without any action, and when. */
  readonly #reported = new Map<string, number>();
  readonly #taken = new Set<string>();
  #rules = new RuleIndex(packRules([], 0));

  constructor(deps: MatchHandlerDeps) {
    this.#deps = deps;
  }

  set rules(packed: SharedArrayBuffer) {
    this.#rules = new RuleIndex(packed);
  }

  /** For `find`: where it is, which package owns it, and who uses it. */
  async copyOf(hit: Hit): Promise<Copy> {
    const protectedFiles = await this.#deps.protectedFiles();
    const path = Buffer.from(hit.path);
    return {
      sha1: hit.sha1,
      path: filePathOf(path),
      size: hit.size,
      modifiedAt: hit.modifiedAt,
      package: protectedFiles.packageOf(placeOf(path, hit)),
      usedBy: usersOf(BigInt(hit.device), BigInt(hit.inode)).slice(0, maxUsers),
    };
  }

  /** For a sweep: does what the rule says at this moment. */
  async handle(hit: Hit, sweep: Sweeping): Promise<void> {
    const rule = this.#ruleOf(hit.sha1);
    if (!rule) return;
    const path = Buffer.from(hit.path);
    const protectedFiles = await this.#deps.protectedFiles();
    const decision = decide(rule, protectionOf(protectedFiles, path, hit), sweep);
    const object = objectOf(rule);
    const base = { at: this.#deps.now(), detectedBy: 'sweep' as const, object };
    if (decision.kind === 'quarantine') {
      const { action, remark, file } = await this.#take({ ...hit, path }, object, 'sweep');
      return this.#deps.send(makeMatch({ ...base, action, remark, file }));
    }
    if (!this.#isWorthReporting(hit, decision.action, sweep)) return;
    const { action, remark } = decision;
    this.#deps.send(makeMatch({ ...base, action, remark, file: seen({ ...hit, path }, sweep) }));
  }

  /** For on-access: a file that it has matched and denied. Always answered, with the same device and inode. */
  async quarantine(match: Match): Promise<void> {
    const { file } = match;
    if (!file) return;
    const rule = this.#ruleOf(file.sha1);
    if (rule?.action !== 'quarantine') {
      const remark = 'The list changed before it could be moved into quarantine; it stays where it is.';
      return this.#deps.send({ ...match, action: 'blocked', remark });
    }
    const path = bytesOfPath(file.path);
    const protectedFiles = await this.#deps.protectedFiles();
    const problem = whyProtected(rule, protectionOf(protectedFiles, path, file));
    if (problem !== undefined) return this.#deps.send({ ...match, action: 'held-back', remark: clipped(problem) });
    const done = await this.#take({ ...file, path }, match.object, match.detectedBy);
    if (done.action === 'failed' && done.isGone && this.#taken.has(keyOf(file)))
      return this.#deps.send({ ...match, action: 'blocked', remark: alreadyTaken });
    this.#deps.send({ ...match, action: done.action, remark: clipped(done.remark), file: done.file });
  }

  async #take(
    { path, sha1, size, device, inode }: Omit<FileFacts, 'otherLinks' | 'quarantine' | 'usedBy'>,
    object: ObjectName,
    detectedBy: Match['detectedBy'],
  ): Promise<Done> {
    const facts = { path, sha1, size, device, inode };
    const asked = { path, device, inode, sha1, object, detectedBy, now: this.#deps.now() };
    try {
      const { entry, otherLinks, usedBy, remark } = await this.#deps.quarantine.ask<'take'>({
        kind: 'take',
        file: asked,
      });
      const file = detectedFile({ ...facts, otherLinks, quarantine: entry.id, usedBy });
      if (this.#taken.size >= maxRemembered) this.#taken.clear();
      this.#taken.add(keyOf(facts));
      return { action: 'quarantined', remark, file, isGone: true };
    } catch (error) {
      if (!(error instanceof QuarantineFailure)) throw error;
      const isGone = error.reason === 'gone';
      return { action: 'failed', remark: error.message, file: seen(facts, { usedBy: [] }), isGone };
    }
  }

  #ruleOf(sha1: string): FileRule | undefined {
    return this.#rules.find(Buffer.from(sha1, 'hex'), this.#deps.now());
  }

  #isWorthReporting(hit: Hit, action: string, sweep: Sweeping): boolean {
    const before = sweep.reported.get(hit.sha1) ?? 0;
    sweep.reported.set(hit.sha1, before + 1);
    if (before >= maxReported) return false;
    if (!sweep.automatic) return true;
    const key = `${keyOf(hit)}:${action}`;
    const now = this.#deps.now();
    if (now - (this.#reported.get(key) ?? -Infinity) < reportAgainAfterMs) return false;
    if (this.#reported.size >= maxRemembered) this.#reported.clear();
    this.#reported.set(key, now);
    return true;
  }
}

function keyOf({ device, inode, sha1 }: { device: number; inode: number; sha1: string }): string {
  return `${device}:${inode}:${sha1}`;
}

/** By the file itself, whatever path led to it. */
function protectionOf(
  protectedFiles: ProtectedFileIndex,
  path: Buffer,
  match: { device: number; inode: number },
): Protection {
  const place = placeOf(path, match);
  return { kind: protectedFiles.kindOf(place), owner: protectedFiles.packageOf(place) };
}

function seen(
  facts: Omit<FileFacts, 'otherLinks' | 'quarantine' | 'usedBy'>,
  { usedBy }: { usedBy: readonly ProcessInfo[] },
): NonNullable<Match['file']> {
  const { path, sha1, size, device, inode } = facts;
  return detectedFile({ path, sha1, size, device, inode, otherLinks: 0, quarantine: null, usedBy });
}

function objectOf({ type, sha1 }: FileRule): ObjectName {
  return { type, content: sha1 };
}
