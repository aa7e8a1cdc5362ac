/** The scanner: what it does with each message of the enforcer. */
import { existsSync } from 'node:fs';
import type { FileCalls } from '../kernel/file-calls.ts';
import type { Log } from '../log.ts';
import { packRules } from '../matching/rule-index.ts';
import { RuleList } from '../matching/rule-list.ts';
import type { Match, FromScanner, ToScanner } from '../ipc/worker-messages.ts';
import { messageOf } from '../message-of.ts';
import type { Problem } from '../problem.ts';
import type { ProtectedFileIndex } from './protected-files/protected-files.ts';
import { DigestFile } from './sweep/digest-file.ts';
import type { Entry } from './quarantine/entry.ts';
import { QuarantineFailure } from './quarantine/failure.ts';
import type { QuarantineThread } from './quarantine/thread.ts';
import { MatchHandler } from './match-handler.ts';
import { clipped, fileOfEntry, makeMatch } from './decision.ts';
import { endProcesses } from './processes.ts';
import { ProgressReporter } from './progress.ts';
import type { Progress } from './progress.ts';
import { isOfList, Sweeps } from './sweeps.ts';
import { UnfinishedSweeps } from './unfinished-sweeps.ts';

interface Work {
  readonly cancelled: boolean;
}

type RequestOf<T extends ToScanner['type']> = Extract<ToScanner, { type: T }>;

const maxRemembered = 64;
/** How often a quarantine that could not be opened is tried again: no event says that there is room, or the key. */
const recoverIntervalMs = 60_000;

export interface ScannerDeps {
  readonly calls: FileCalls;
  readonly quarantine: QuarantineThread;
  readonly protectedFiles: () => Promise<ProtectedFileIndex>;
  readonly places: { readonly digests: string; readonly unfinished: string; readonly quarantine: string };
  readonly send: (message: Exclude<FromScanner, { type: 'hello' }>) => void;
  /** Mount points to which everything is limited; undefined for every real filesystem. */
  readonly only: readonly string[] | undefined;
  /** A change does not follow the rules we have: asks for all of them. */
  readonly requestRules: () => void;
  readonly now: () => number;
  readonly log: Log;
}

export class Scanner {
  readonly #deps: ScannerDeps;
  readonly #rules = new RuleList();
  readonly #matchHandler: MatchHandler;
  readonly #sweeps: Sweeps;
  /** Restores and ends of processes that are running: the same task again is the same one. */
  readonly #busy = new Map<string, { cancelled: boolean }>();
  /** How tasks ended, for an enforcer that asks again because it missed the answer. */
  readonly #ended = new Map<string, Progress>();
  #recoverTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: ScannerDeps) {
    const { calls, places, now, log } = deps;
    this.#deps = deps;
    this.#matchHandler = new MatchHandler({
      ...deps,
      send: (detection) => deps.send({ type: 'match', match: detection }),
    });
    this.#sweeps = new Sweeps({
      matchHandler: this.#matchHandler,
      rules: () => this.#rules.rules(),
      digests: new DigestFile(places.digests),
      unfinished: new UnfinishedSweeps(places.unfinished),
      only: deps.only,
      leaveOut: [places.quarantine],
      calls,
      send: (progress) => this.#progressed(progress),
      now,
      log,
    });
  }

  get revision(): number {
    return this.#rules.revision;
  }

  /** Finishes what a kill interrupted, and reports it. Sweeps work even if the quarantine does not. */
  async start(): Promise<void> {
    // The folder is not made before it is needed: an endpoint that is being uninstalled must not get it back.
    if (existsSync(this.#deps.places.quarantine)) await this.#recover();
  }

  /** Why the quarantine does not work from now on, or that it works again. */
  quarantineChanged(problem: Problem): void {
    this.#deps.send({ type: 'quarantine-state', message: clipped(problem ?? null) });
    clearTimeout(this.#recoverTimer);
    if (problem === undefined) return this.#deps.log('quarantine works again');
    this.#deps.log('quarantine does not work', { message: problem });
    // Its thread may have died over a file: what was half done is finished or undone.
    if (!this.#stopped) this.#recoverTimer = setTimeout(() => void this.#recover(), recoverIntervalMs);
  }

  async #recover(): Promise<void> {
    const { quarantine, log } = this.#deps;
    try {
      const { taken, problems } = await quarantine.ask<'recover'>({ kind: 'recover' });
      for (const message of problems) log('quarantine not recovered', { message });
      for (const entry of taken) this.#reportTaken(entry);
    } catch (error) {
      log('quarantine not recovered', { message: messageOf(error) });
      clearTimeout(this.#recoverTimer);
      if (!this.#stopped) this.#recoverTimer = setTimeout(() => void this.#recover(), recoverIntervalMs);
    }
  }

  receive(request: ToScanner): void {
    if ('task' in request && this.#hasEnded(request)) return;
    switch (request.type) {
      case 'rules':
        this.#rules.replace(request.revision, request.files);
        return this.#ruled();
      case 'rules-changed':
        return this.#rules.change(request) ? this.#ruled() : this.#deps.requestRules();
      case 'sweep':
        return this.#sweeps.begin(request);
      case 'cancel':
        return this.#cancel(request.task);
      case 'quarantine':
        return void this.#quarantine(request.match);
      case 'restore':
        return this.#once(request, async (reporter, work) => this.#restore(request, reporter, work));
      case 'end-processes':
        return this.#once(request, async (reporter) => this.#endProcesses(request, reporter));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#recoverTimer);
    for (const work of this.#busy.values()) work.cancelled = true;
    await this.#sweeps.stop();
  }

  #ruled(): void {
    this.#matchHandler.rules = packRules(this.#rules.rules(), this.#deps.now());
  }

  #cancel(task: string): void {
    this.#sweeps.cancel(task);
    const work = this.#busy.get(task);
    if (work) work.cancelled = true;
  }

  /** Sends the end again to an enforcer that missed it. */
  #hasEnded(request: { type: string; task: string }): boolean {
    const progress = request.type === 'cancel' ? undefined : this.#ended.get(request.task);
    if (progress) this.#deps.send(progress);
    return progress !== undefined;
  }

  #progressed(progress: Progress): void {
    // A cancelled sweep may be requested again, and so may one of the list when settings have changed.
    if (progress.state === 'done' || progress.state === 'failed') this.#remember(progress);
    this.#deps.send(progress);
  }

  #remember(progress: Progress): void {
    if (isOfList(progress.task)) return;
    const [oldest] = this.#ended.keys();
    if (this.#ended.size >= maxRemembered && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.set(progress.task, progress);
  }

  /** Always answered, also when it fails. */
  async #quarantine(match: Match): Promise<void> {
    try {
      await this.#matchHandler.quarantine(match);
    } catch (error) {
      this.#failed('quarantine', error);
      this.#send({ ...match, action: 'failed', remark: clipped(messageOf(error)) });
    }
  }

  #once(
    { task, type }: RequestOf<'restore' | 'end-processes'>,
    act: (reporter: ProgressReporter, work: Work) => Promise<void>,
  ): void {
    if (this.#busy.has(task)) return;
    const work = { cancelled: false };
    const reporter = new ProgressReporter(task, type, (progress) => this.#progressed(progress));
    this.#busy.set(task, work);
    void act(reporter, work)
      .catch((error: unknown) => {
        this.#failed(task, error);
        reporter.end('failed', [messageOf(error)]);
      })
      .finally(() => this.#busy.delete(task));
  }

  async #restore(request: RequestOf<'restore'>, reporter: ProgressReporter, work: Work): Promise<void> {
    const { copies, missing } = await this.#copiesFor(request);
    const problems = missing.map((id) => `There is no copy ${id} in the quarantine of this endpoint.`);
    for (const [index, entry] of copies.entries()) {
      if (work.cancelled) return reporter.end('cancelled', problems);
      const problem = await this.#restoreOne(entry);
      if (problem === undefined) reporter.found(undefined);
      else problems.push(`${Buffer.from(entry.path, 'base64').toString()}: ${problem}`);
      reporter.counted({ files: index + 1, of: copies.length });
    }
    reporter.end(problems.length > 0 ? 'failed' : 'done', problems);
  }

  async #copiesFor({ quarantine, object }: RequestOf<'restore'>): Promise<{ copies: Entry[]; missing: string[] }> {
    const all = await this.#deps.quarantine.ask<'list'>({ kind: 'list' });
    const desired = quarantine && new Set(quarantine.map((id) => id.toUpperCase()));
    const matches = (entry: Entry): boolean =>
      (desired === null || desired.has(entry.id)) && (object === null || isSameObject(entry.object, object));
    // A request that names nothing restores nothing: it must not empty the quarantine.
    const copies = desired === null && object === null ? [] : all.filter(matches);
    const missing = [...(desired ?? [])].filter((id) => !copies.some((entry) => entry.id === id));
    return { copies, missing };
  }

  /** Why it stays in quarantine. */
  async #restoreOne(entry: Entry): Promise<Problem> {
    const base = { at: this.#deps.now(), detectedBy: 'task' as const, object: entry.object };
    try {
      const { device, inode, problem } = await this.#deps.quarantine.ask<'restore'>({
        kind: 'restore',
        copy: entry.id,
      });
      const file = fileOfEntry(entry, { device, inode });
      this.#send(makeMatch({ ...base, action: 'restored', remark: problem ?? null, file }));
      return undefined;
    } catch (error) {
      if (!(error instanceof QuarantineFailure)) throw error;
      this.#send(makeMatch({ ...base, action: 'failed', remark: error.message, file: fileOfEntry(entry) }));
      return error.message;
    }
  }

  async #endProcesses({ processes }: RequestOf<'end-processes'>, reporter: ProgressReporter): Promise<void> {
    const { ended, problems } = await endProcesses(this.#deps.calls, processes);
    for (let count = 0; count < ended; count += 1) reporter.found(undefined);
    reporter.counted({ files: processes.length, of: processes.length });
    reporter.end(problems.length > 0 ? 'failed' : 'done', problems);
  }

  #reportTaken(entry: Entry): void {
    const remark = 'The agent was interrupted while it was moved into quarantine; that is finished now.';
    const { object, detectedBy, takenAt: at } = entry;
    this.#send(makeMatch({ at, detectedBy, object, action: 'quarantined', remark, file: fileOfEntry(entry) }));
  }

  #send(detection: Match): void {
    this.#deps.send({ type: 'match', match: detection });
  }

  #failed(what: string, error: unknown): void {
    this.#deps.log('failed', { what, message: messageOf(error) });
  }
}

function isSameObject(one: Entry['object'], other: Entry['object']): boolean {
  return one.type === other.type && one.content.toUpperCase() === other.content.toUpperCase();
}
