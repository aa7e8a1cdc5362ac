/** The requested sweeps: one of the list and one of a person at a time, each resumable and cancellable. */
import { statfsSync } from 'node:fs';
import { normalize } from 'node:path';
import type { FileCalls } from '../kernel/file-calls.ts';
import type { Log } from '../log.ts';
import { packRules } from '../matching/rule-index.ts';
import type { FileRule } from '../ipc/worker-messages.ts';
import { messageOf } from '../message-of.ts';
import type { DigestFile } from './sweep/digest-file.ts';
import { sweptMountsNow } from '../fs/mounts.ts';
import { isWithin } from '../fs/path.ts';
import type { Hit } from './sweep/reader.ts';
import { sweep } from './sweep/sweep.ts';
import type { SweepPlace } from './sweep/sweep.ts';
import type { MatchHandler } from './match-handler.ts';
import { ProgressReporter } from './progress.ts';
import type { Progress } from './progress.ts';
import type { SweepRequest, Unfinished, UnfinishedSweeps } from './unfinished-sweeps.ts';

/** The sweep of the list, which no person requested. */
export const isOfList = (task: string): boolean => task.startsWith('list:');

export interface SweepsDeps {
  readonly matchHandler: MatchHandler;
  readonly rules: () => Iterable<FileRule>;
  readonly digests: DigestFile;
  readonly unfinished: UnfinishedSweeps;
  /** The only mount points that may be swept; undefined for every real filesystem. */
  readonly only: readonly string[] | undefined;
  /** Folders that no sweep goes into. */
  readonly leaveOut: readonly string[];
  readonly calls: FileCalls;
  readonly send: (progress: Progress) => void;
  readonly now: () => number;
  readonly log: Log;
}

interface Running {
  readonly request: SweepRequest;
  readonly stop: AbortController;
  readonly reporter: ProgressReporter;
}

export class Sweeps {
  readonly #deps: SweepsDeps;
  readonly #running = new Map<string, Running>();
  /** The ends of the two queues. */
  readonly #ends = { list: Promise.resolve(), task: Promise.resolve() };
  #stopped = false;

  constructor(deps: SweepsDeps) {
    this.#deps = deps;
  }

  /** A running one continues; a person's request does not wait for the sweep of the list. */
  begin(request: SweepRequest): void {
    const known = this.#running.get(request.task);
    if (known) return known.reporter.report();
    const kind = request.find ? 'find' : 'sweep';
    const running: Running = {
      request,
      stop: new AbortController(),
      reporter: new ProgressReporter(request.task, kind, this.#deps.send),
    };
    this.#running.set(request.task, running);
    const queue = isOfList(request.task) ? 'list' : 'task';
    this.#ends[queue] = this.#ends[queue].then(async () => this.#run(running));
  }

  /** False when there is none with that name. */
  cancel(task: string): boolean {
    this.#deps.unfinished.forget(task);
    const running = this.#running.get(task);
    running?.stop.abort();
    return running !== undefined;
  }

  /** What is unfinished continues at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([this.#ends.list, this.#ends.task]);
  }

  async #run(running: Running): Promise<void> {
    const { request, reporter, stop } = running;
    try {
      const problems = stop.signal.aborted ? [] : await this.#sweep(running);
      if (this.#stopped) return;
      this.#deps.unfinished.forget(request.task);
      reporter.end(stop.signal.aborted ? 'cancelled' : 'done', problems);
    } catch (error) {
      this.#deps.log('sweep failed', { task: request.task, message: messageOf(error) });
      this.#deps.unfinished.forget(request.task);
      reporter.end('failed', [messageOf(error)]);
    } finally {
      this.#running.delete(request.task);
    }
  }

  async #sweep({ request, reporter, stop }: Running): Promise<readonly string[]> {
    const { unfinished, calls, digests, leaveOut, now } = this.#deps;
    const before = unfinished.of(request);
    if (before) reporter.resume(before);
    reporter.counted({ ...before?.place.counts, of: request.roots === null ? inodesInUse() : null });
    const files = request.find ? request.find.map(asRule) : [...this.#deps.rules()];
    if (files.length === 0) return [];
    const reported = new Map<string, number>();
    const { problems, ...counts } = await sweep({
      roots: rootsWithin(this.#deps.only, request.roots),
      rules: packRules(files, now()),
      digests,
      calls,
      megabytesPerSecond: request.megabytesPerSecond,
      leaveOut,
      signal: stop.signal,
      from: before?.place,
      onHit: async (hit) => this.#found(hit, { request, reporter, reported }),
      onBatch: (counted) => reporter.counted(counted),
      onCheckpoint: (place) => this.#save(request, place, reporter.now),
    });
    reporter.counted({ files: counts.files, bytes: counts.bytes, unreadable: counts.unreadable });
    return problems;
  }

  async #found(
    hit: Hit,
    sweeping: { request: SweepRequest; reporter: ProgressReporter; reported: Map<string, number> },
  ): Promise<void> {
    const { request, reporter, reported } = sweeping;
    const { matchHandler } = this.#deps;
    const automatic = isOfList(request.task);
    // Described first: afterwards the file may be gone.
    const copy = reporter.wantsCopies ? await matchHandler.copyOf(hit) : undefined;
    reporter.found(copy);
    if (!request.find)
      await matchHandler.handle(hit, { act: request.act, automatic, reported, usedBy: copy?.usedBy ?? [] });
  }

  #save(request: SweepRequest, place: SweepPlace, { found, copies }: Progress): void {
    const rest: Omit<Unfinished, 'task' | 'request'> = { place, found, copies };
    try {
      this.#deps.unfinished.save(request, rest);
    } catch (error) {
      this.#deps.log('place not saved', { task: request.task, message: messageOf(error) });
    }
  }
}

/** The roots of a sweep on an endpoint that is limited to some mount points. */
function rootsWithin(only: readonly string[] | undefined, asked: readonly string[] | null): readonly string[] | null {
  if (only === undefined) return asked;
  const outside = (asked ?? []).filter(
    (root) => !only.some((one) => isWithin(Buffer.from(one), Buffer.from(normalize(root)))),
  );
  if (outside.length === 0) return asked ?? only;
  throw new Error(
    `${outside.join(', ')} is not swept: this endpoint is limited to ${only.join(', ')} (CORDON_AGENT_ON_ACCESS_ONLY).`,
  );
}

/** It need not be listed: files with this content are reported, and nothing else happens to them. */
function asRule({ sha1, size }: { sha1: string; size: number | null }): FileRule {
  return { type: 'file_sha1', sha1, size, action: 'log', expiresAt: null, confirmed: false };
}

/** Includes folders, so it is slightly too high: good enough to show progress. */
function inodesInUse(): number {
  const counts = sweptMountsNow().map(({ path }) => {
    const { files, ffree } = statfsSync(path);
    return Math.max(0, files - ffree);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
