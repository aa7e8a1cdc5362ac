/** The main thread of watch: follows the enforcer, keeps the clock, and makes detections. It decides about no opening. */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from '../exit.ts';
import type { FanotifyCalls, Group } from '../kernel/fanotify.ts';
import type { Log } from '../log.ts';
import { packRules } from '../matching/rule-index.ts';
import { RuleList } from '../matching/rule-list.ts';
import type { Match, FromOnAccess, ToOnAccess } from '../ipc/worker-messages.ts';
import { messageOf } from '../message-of.ts';
import { Coalescer } from './coalescer.ts';
import type { CoalescedMatch } from './coalescer.ts';
import { Deadlines, lookIntervalMs } from './reader/deadlines.ts';
import type { Overdue } from './reader/deadlines.ts';
import { slotCount, pendingEventAt, newPendingEvents, readerSlots, settle, trust } from './reader/pending-events.ts';
import type { PendingEvent } from './reader/pending-events.ts';
import { FilesystemMarks } from './marks.ts';
import type { Watched } from './marks.ts';
import { fileToQuarantine, matchFrom } from './detection.ts';
import { WatchdogClient } from './watchdog/watchdog-client.ts';
import { protectedFilesMemory } from './reader/protected-files.ts';
import { Threads } from './threads.ts';
import type { Programs, ThreadMessage } from './threads.ts';
import { TrustedProcesses } from './reader/trusted-processes.ts';
import { UserNames } from './user-names.ts';

type Settings = Omit<Extract<ToOnAccess, { type: 'on-access-settings' }>, 'type'>;
type State = Omit<Extract<FromOnAccess, { type: 'state' }>, 'type'>;

const mountIntervalMs = 1000;
const retryAfterMs = 30_000;
/** The watchdog outside waits so many deadlines, and at least so many milliseconds: a busy machine is no dead one. */
const patience = { deadlines: 2, least: 1000 } as const;
const maxMakings = 500;

export interface OnAccessOptions {
  readonly calls: FanotifyCalls;
  readonly only: readonly string[] | undefined;
  readonly programs: Programs;
  readonly log: Log;
  readonly send: (message: Exclude<FromOnAccess, { type: 'hello' }>) => void;
  /** The rules do not follow those we have: all of them are wanted. */
  readonly requestRules: () => void;
}

/** What there is once the kernel has been asked for the first time. */
interface Kernel {
  readonly group: Group;
  readonly threads: Threads;
  readonly filesystems: FilesystemMarks;
}

export class OnAccess {
  readonly #options: OnAccessOptions;
  readonly #list = new RuleList();
  readonly #pendingEvents = newPendingEvents();
  readonly #deadlines = new Deadlines(this.#pendingEvents);
  readonly #trusted = new TrustedProcesses();
  readonly #users = new UserNames();
  readonly #watchdog: WatchdogClient;
  readonly #coalescer = new Coalescer();
  /** Readers that were overdue, with the case they were overdue with. */
  readonly #stuck = new Map<number, number>();
  #settings: Settings = { mode: 'off', execAtDeadline: 'allow', deadline: 400 };
  #protectedFiles = { package: '', always: '' };
  #kernel: Kernel | undefined;
  /** What the threads have not been told yet. */
  #changed = { rules: false, protectedFiles: false };
  /** Something came since the last look began. */
  #asked = false;
  #state = '';
  #undecided = 0;
  #making = 0;
  #unmade = 0;
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();
  #lookTimer: NodeJS.Timeout | undefined;
  #clockTimer: NodeJS.Timeout | undefined;

  constructor(options: OnAccessOptions) {
    this.#options = options;
    this.#watchdog = new WatchdogClient(options.log);
    this.#sendState({ state: 'off', filesystems: [], message: null });
  }

  receive(message: ToOnAccess): void {
    switch (message.type) {
      case 'rules':
        this.#list.replace(message.revision, message.files);
        return this.#hasChanged({ rules: true });
      case 'rules-changed':
        return this.#list.change(message) ? this.#hasChanged({ rules: true }) : this.#options.requestRules();
      case 'protected-files':
        this.#protectedFiles = message;
        return this.#hasChanged({ protectedFiles: true });
      case 'on-access-settings':
        this.#settings = message;
        return this.#hasChanged({});
      case 'trusted':
        this.#trusted.replace(message.processes);
        return this.#trust();
    }
  }

  get revision(): number {
    return this.#list.revision;
  }

  /** Asks about nothing any more, and lets everybody who waits have an answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#lookTimer);
    const { calls, log } = this.#options;
    if (this.#kernel) {
      try {
        calls.unwatchAll(this.#kernel.group);
      } catch (error) {
        log('marks stay', { message: messageOf(error) });
      }
      await this.#untilAllAnswered();
    }
    this.#sendMatches(this.#coalescer.due(Infinity));
    clearTimeout(this.#clockTimer);
    this.#watchdog.stop();
  }

  async #untilAllAnswered(): Promise<void> {
    const until = performance.now() + this.#settings.deadline;
    const numbers = Array.from({ length: slotCount }, (_, number) => number);
    while (performance.now() < until && numbers.some((number) => pendingEventAt(this.#pendingEvents, number)))
      await sleep(5);
  }

  /** Several messages that come together are followed together. */
  #hasChanged(what: Partial<{ rules: boolean; protectedFiles: boolean }>): void {
    this.#changed = { ...this.#changed, ...what };
    this.#asked = true;
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(() => this.#lookSoon(), 0);
  }

  /** One look after the other, never two at once. */
  #lookSoon(): void {
    clearTimeout(this.#lookTimer);
    this.#looking = this.#looking.then(async () => {
      if (this.#stopped) return;
      this.#asked = false;
      let again = mountIntervalMs;
      try {
        await this.#look();
      } catch (error) {
        this.#sendState({ state: 'unable', filesystems: [], message: messageOf(error) });
        again = retryAfterMs;
      }
      clearTimeout(this.#lookTimer);
      this.#lookTimer = setTimeout(() => this.#lookSoon(), this.#asked ? 0 : again);
    });
  }

  async #look(): Promise<void> {
    this.#trust();
    this.#sendMatches(this.#coalescer.due(Date.now()));
    if (this.#settings.mode === 'off') return this.#rest('off', null);
    if (this.#list.size === 0) return this.#rest('on', 'No file is listed, so nothing needs to be asked.');
    settle(this.#pendingEvents, {
      enforcing: this.#settings.mode === 'enforce',
      denyExecution: this.#settings.execAtDeadline === 'deny',
    });
    const kernel = (this.#kernel ??= await this.#begin());
    this.#publish(kernel);
    const watched = await kernel.filesystems.watch(() => !this.#stopped && this.#settings.mode !== 'off');
    if (watched) this.#sendWatched(watched);
  }

  #rest(state: 'off' | 'on', message: string | null): void {
    if (this.#kernel) this.#options.calls.unwatchAll(this.#kernel.group);
    this.#sendState({ state, filesystems: [], message });
  }

  /** Loads everything, before the first mark is set. */
  async #begin(): Promise<Kernel> {
    this.#sendState({ state: 'starting', filesystems: [], message: null });
    const { calls, programs, log, only } = this.#options;
    await this.#users.load();
    const group = openGroup(calls);
    try {
      await this.#watchdog.start();
    } catch (error) {
      closeSync(group); // The next attempt opens its own.
      throw error;
    }
    this.#changed = { ...this.#changed, rules: false };
    const threads = new Threads(
      {
        group,
        pendingEvents: this.#pendingEvents,
        programs,
        log,
        told: (message) => this.#hear(message),
        lost: (one) => this.#lose(one, 'A thread of the agent failed while it looked at the file.'),
        crashLoop: () => {
          log('ending', { message: 'Threads fail as fast as they are started; everybody is let go on.' });
          calls.endNow(exitCode.failed);
        },
      },
      packRules(this.#list.rules(), Date.now()),
    );
    threads.send({ protectedFiles: protectedFilesMemory(this.#protectedFiles) });
    await threads.start();
    const kernel = { group, threads, filesystems: new FilesystemMarks(calls, group, only) };
    this.#keepTime(kernel);
    this.#trust();
    return kernel;
  }

  /** What threads are told comes first; only then is what they had allowed withdrawn from the kernel. */
  #publish({ group, threads }: Kernel): void {
    const { rules, protectedFiles } = this.#changed;
    this.#changed = { rules: false, protectedFiles: false };
    if (protectedFiles) threads.send({ protectedFiles: protectedFilesMemory(this.#protectedFiles) });
    if (!rules) return;
    threads.send({ rules: packRules(this.#list.rules(), Date.now()) });
    this.#options.calls.askAgainAll(group);
  }

  /** The clock by which openers are let go, and the sign of life for the watchdog outside. */
  #keepTime(kernel: Kernel): void {
    const { deadline } = this.#settings;
    for (const overdue of this.#deadlines.look(kernel.group, deadline, performance.now()))
      this.#isOverdue(kernel, overdue);
    for (const [number, turn] of this.#stuck) {
      if (!this.#deadlines.hasMovedOn(number, turn)) continue;
      this.#stuck.delete(number);
      kernel.threads.unstuck(number);
    }
    // With no reader left that reads, everybody waits: then we had better be dead.
    const limit = Math.max(patience.least, patience.deadlines * deadline);
    if (kernel.threads.reading > 0) this.#watchdog.beat(limit);
    this.#clockTimer = setTimeout(() => this.#keepTime(kernel), lookIntervalMs(deadline));
  }

  #isOverdue({ threads }: Kernel, { number, one, late }: Overdue): void {
    if (number < readerSlots) {
      this.#stuck.set(number, one.turn);
      threads.replace(number);
    }
    if (one.kind === 'written') return;
    const ended = late === 'denied' ? 'refused' : 'let through';
    this.#lose(one, `Nobody could decide within ${this.#settings.deadline} ms; it was ${ended}.`);
  }

  /** No detection, for nobody knows the file. If its hash is found out afterwards and is listed, there will be one. */
  #lose({ kind, pid }: PendingEvent, message: string): void {
    this.#undecided += 1;
    this.#options.log('undecided', { kind, pid, message });
  }

  #hear(message: Exclude<ThreadMessage, { type: 'ready' }>): void {
    if (message.type === 'unreadable') return this.#options.log('unreadable', { message: message.message });
    if (message.type === 'overloaded') {
      this.#undecided += 1;
      return this.#options.log('undecided', {
        message: 'Too many large files were opened at once; one was let through.',
      });
    }
    // Processes that end as soon as they are refused, by the thousand, must not fill our memory with their names.
    if (this.#making >= maxMakings) {
      this.#unmade += 1;
      return;
    }
    this.#making += 1;
    matchFrom(message, this.#users, Date.now(), this.#settings.deadline)
      .then((match) => this.#found(match, fileToQuarantine(message)))
      .catch((error: unknown) => this.#options.log('not told', { message: messageOf(error) }))
      .finally(() => (this.#making -= 1));
  }

  #found(match: Match, fileToBeTaken: string | undefined): void {
    const lost = this.#unmade;
    this.#unmade = 0;
    const remark = lost === 0 ? match.remark : `${lost} more came too fast to be told. ${match.remark ?? ''}`.trim();
    this.#sendMatches(this.#coalescer.add({ ...match, remark }, Date.now(), fileToBeTaken));
  }

  #sendMatches(found: readonly CoalescedMatch[]): void {
    for (const { detection, further } of found)
      this.#options.send({ type: 'match', match: detection, ...(further && { further }) });
  }

  #trust(): void {
    const watchdog = this.#watchdog.pid;
    trust(this.#pendingEvents, [...(watchdog === undefined ? [] : [watchdog]), ...this.#trusted.pids()]);
  }

  #sendWatched({ points, problems }: Watched): void {
    const told = [...problems];
    if (points.length === 0)
      told.push('No filesystem is watched: none that could be is mounted (docs/operating/objects.md).');
    if (this.#undecided > 0) told.push(`${this.#undecided} openings could not be decided since the start of watch.`);
    const message = told.length === 0 ? null : told.join(' ').slice(0, 500);
    this.#sendState({ state: points.length === 0 ? 'unable' : 'on', filesystems: points.slice(0, 1000), message });
  }

  #sendState(state: State): void {
    const text = JSON.stringify(state);
    if (text === this.#state) return;
    this.#state = text;
    this.#options.send({ type: 'state', ...state, filesystems: [...state.filesystems] });
  }
}

function openGroup(calls: FanotifyCalls): Group {
  try {
    return calls.open();
  } catch (error) {
    throw new Error(`The kernel offers no fanotify here (it needs root): ${messageOf(error)}`, { cause: error });
  }
}
