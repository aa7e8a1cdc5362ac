/** The main thread of on-access: follows the enforcer, keeps the deadlines, and decides about no opening itself. */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from '../exit.ts';
import type { FanotifyCalls, Group } from '../kernel/fanotify.ts';
import type { Log } from '../log.ts';
import { packRules } from '../matching/rule-index.ts';
import { RuleList } from '../matching/rule-list.ts';
import type { FromOnAccess, ToOnAccess } from '../ipc/worker-messages.ts';
import { messageOf } from '../message-of.ts';
import { ReconcileLoop } from '../reconcile.ts';
import { FilesystemMarks } from './marks.ts';
import type { Watched } from './marks.ts';
import { MatchReporter } from './match-reporter.ts';
import { Deadlines, lookIntervalMs } from './reader/deadlines.ts';
import type { Overdue } from './reader/deadlines.ts';
import {
  applySettings,
  newPendingEvents,
  pendingEventAt,
  readerSlots,
  setTrusted,
  slotCount,
} from './reader/pending-events.ts';
import { protectedFilesMemory } from './reader/protected-files.ts';
import { TrustedProcesses } from './reader/trusted-processes.ts';
import { Threads } from './threads.ts';
import type { Programs } from './threads.ts';
import { WatchdogClient } from './watchdog/watchdog-client.ts';

type Settings = Omit<Extract<ToOnAccess, { type: 'on-access-settings' }>, 'type'>;
type State = Omit<Extract<FromOnAccess, { type: 'state' }>, 'type'>;

const mountIntervalMs = 1000;
const retryMs = 30_000;
/** The watchdog process waits for this many deadlines, and at least this long: a busy machine is not a dead one. */
const watchdogLimit = { deadlines: 2, minMs: 1000 } as const;

export interface OnAccessOptions {
  readonly calls: FanotifyCalls;
  readonly only: readonly string[] | undefined;
  readonly programs: Programs;
  readonly log: Log;
  readonly send: (message: Exclude<FromOnAccess, { type: 'hello' }>) => void;
  /** A change does not follow the rules we have: asks for all of them. */
  readonly requestRules: () => void;
}

/** What exists once the kernel has been asked for the first time. */
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
  readonly #watchdog: WatchdogClient;
  readonly #reporter: MatchReporter;
  readonly #loop: ReconcileLoop;
  /** Readers that were overdue, with the turn of the event they were overdue with. */
  readonly #stuck = new Map<number, number>();
  #settings: Settings = { mode: 'off', execAtDeadline: 'allow', deadline: 400 };
  #protectedFiles = { package: '', always: '' };
  #kernel: Kernel | undefined;
  /** What the threads have not been sent yet. */
  #changed = { rules: false, protectedFiles: false };
  #state = '';
  #stopped = false;
  #clockTimer: NodeJS.Timeout | undefined;

  constructor(options: OnAccessOptions) {
    const { log, send } = options;
    this.#options = options;
    this.#watchdog = new WatchdogClient(log);
    this.#reporter = new MatchReporter({ send, log, deadlineMs: () => this.#settings.deadline });
    this.#loop = new ReconcileLoop({
      name: 'on-access',
      reconcile: async () => this.#reconcile(),
      log,
      retryMs,
      failed: (error) => this.#sendState({ state: 'unable', filesystems: [], message: messageOf(error) }),
    });
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

  /** Stops asking about files, and lets each opener that waits have an answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#loop.stop();
    const { calls, log } = this.#options;
    if (this.#kernel) {
      try {
        calls.unwatchAll(this.#kernel.group);
      } catch (error) {
        log('marks stay', { message: messageOf(error) });
      }
      await this.#untilAllAnswered();
    }
    this.#reporter.flush(Infinity);
    clearTimeout(this.#clockTimer);
    this.#watchdog.stop();
  }

  async #untilAllAnswered(): Promise<void> {
    const until = performance.now() + this.#settings.deadline;
    const numbers = Array.from({ length: slotCount }, (_, number) => number);
    while (performance.now() < until && numbers.some((number) => pendingEventAt(this.#pendingEvents, number)))
      await sleep(5);
  }

  /** Messages that come together are applied together. */
  #hasChanged(what: Partial<{ rules: boolean; protectedFiles: boolean }>): void {
    this.#changed = { ...this.#changed, ...what };
    this.#loop.runIn(0);
  }

  /** Returns the milliseconds until mounts are looked at again. */
  async #reconcile(): Promise<number> {
    this.#trust();
    this.#reporter.flush(Date.now());
    if (this.#settings.mode === 'off') return this.#rest('off', null);
    if (this.#list.size === 0) return this.#rest('on', 'No file is listed, so no opening is checked.');
    applySettings(this.#pendingEvents, {
      enforcing: this.#settings.mode === 'enforce',
      denyExecution: this.#settings.execAtDeadline === 'deny',
    });
    const kernel = (this.#kernel ??= await this.#begin());
    this.#updateThreads(kernel);
    const watched = await kernel.filesystems.watch(() => !this.#stopped && this.#settings.mode !== 'off');
    if (watched) this.#sendWatched(watched);
    return mountIntervalMs;
  }

  #rest(state: 'off' | 'on', message: string | null): number {
    if (this.#kernel) this.#options.calls.unwatchAll(this.#kernel.group);
    this.#sendState({ state, filesystems: [], message });
    return mountIntervalMs;
  }

  /** Loads everything before the first mark is set. */
  async #begin(): Promise<Kernel> {
    this.#sendState({ state: 'starting', filesystems: [], message: null });
    const { calls, programs, log, only } = this.#options;
    await this.#reporter.users.load();
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
        received: (message) => this.#reporter.receive(message),
        lost: (one) => this.#reporter.reportUndecided(one, 'A thread of the agent failed while it read the file.'),
        crashLoop: () => {
          log('ending', { message: 'Threads fail as fast as they are started; every opening is allowed.' });
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

  /** The threads are updated first; only then does the kernel forget which files they had allowed. */
  #updateThreads({ group, threads }: Kernel): void {
    const { rules, protectedFiles } = this.#changed;
    this.#changed = { rules: false, protectedFiles: false };
    if (protectedFiles) threads.send({ protectedFiles: protectedFilesMemory(this.#protectedFiles) });
    if (!rules) return;
    threads.send({ rules: packRules(this.#list.rules(), Date.now()) });
    this.#options.calls.askAgainAll(group);
  }

  /** Keeps the deadlines of openers, and sends signs of life to the watchdog process. */
  #keepTime(kernel: Kernel): void {
    const { deadline } = this.#settings;
    for (const overdue of this.#deadlines.look(kernel.group, deadline, performance.now()))
      this.#isOverdue(kernel, overdue);
    for (const [number, turn] of this.#stuck) {
      if (!this.#deadlines.hasMovedOn(number, turn)) continue;
      this.#stuck.delete(number);
      kernel.threads.unstuck(number);
    }
    // When no reader is left, every opener waits: then this process should end.
    const limit = Math.max(watchdogLimit.minMs, watchdogLimit.deadlines * deadline);
    if (kernel.threads.reading > 0) this.#watchdog.beat(limit);
    this.#clockTimer = setTimeout(() => this.#keepTime(kernel), lookIntervalMs(deadline));
  }

  #isOverdue({ threads }: Kernel, { number, one, late }: Overdue): void {
    if (number < readerSlots) {
      this.#stuck.set(number, one.turn);
      threads.replace(number);
    }
    if (one.kind === 'written') return;
    const ended = late === 'denied' ? 'refused' : 'allowed';
    this.#reporter.reportUndecided(one, `No decision within ${this.#settings.deadline} ms; it was ${ended}.`);
  }

  #trust(): void {
    const watchdog = this.#watchdog.pid;
    setTrusted(this.#pendingEvents, [...(watchdog === undefined ? [] : [watchdog]), ...this.#trusted.pids()]);
  }

  #sendWatched({ points, problems }: Watched): void {
    const messages = [...problems];
    if (points.length === 0)
      messages.push('No filesystem is watched: none that can be is mounted (docs/operating/objects.md).');
    const { undecided } = this.#reporter;
    if (undecided > 0) messages.push(`${undecided} openings could not be decided since on-access started.`);
    const message = messages.length === 0 ? null : messages.join(' ').slice(0, 500);
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
