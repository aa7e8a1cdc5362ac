/** Runs one-shot tasks: accepts them, sends them to `scanner` until they are finished, and reports their progress. */
import { openDocument } from '@cordon/protocol/channel';
import type { ObjectSettings, SignedDocument, Task, TaskWork } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { ObjectsStatus } from '../../ipc/control-messages.ts';
import type { ToLink } from '../../ipc/link-messages.ts';
import type { FromScanner, ToScanner } from '../../ipc/worker-messages.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import type { ObjectList } from '../objects/object-list.ts';
import { sameGuid } from '../desired-state/verify.ts';
import type { Addressee } from '../desired-state/verify.ts';
import { openReceipt } from '../detections/receipt.ts';
import type { ProgressBody, Signer } from '../state/signer.ts';
import { isFinished, readTasks, writeTasks } from './task-file.ts';
import type { Remembered } from './task-file.ts';
import { concluded, orderFor, progressOf } from './task-messages.ts';
import { maxTasks } from './max-tasks.ts';

const progressIntervalMs = 1000;
/** A list that is still being edited is swept for once. */
const sweepDelayMs = 1000;
const listPrefix = 'list:';

export interface TaskDeps {
  /** `tasks.json`. */
  readonly path: string;
  readonly addressee: Addressee;
  readonly list: Pick<ObjectList, 'revision'>;
  readonly settings: () => ObjectSettings;
  readonly signer: Pick<Signer, 'progress'>;
  /** False when `scanner` is not connected; it is sent again when it connects. */
  readonly toScanner: (message: ToScanner) => boolean;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
  readonly now: () => number;
  readonly log: Log;
}

export class Tasks {
  readonly #deps: TaskDeps;
  readonly #tasks = new Map<string, Remembered>();
  /** When each was last reported, and which wait to be. */
  readonly #sentAt = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #lastAt = 0;
  #isOpen = false;
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor(deps: TaskDeps) {
    this.#deps = deps;
    for (const task of readTasks(deps.path)) this.#tasks.set(task.task, task);
    this.#lastAt = Math.max(0, ...[...this.#tasks.values()].map(({ progress }) => progress?.at ?? 0));
  }

  /** The unfinished ones, oldest first. */
  get unfinished(): readonly Remembered[] {
    return [...this.#tasks.values()].filter((task) => !isFinished(task));
  }

  /** The unfinished ones, as root may ask for them here. */
  get status(): ObjectsStatus['tasks'] {
    return this.unfinished.map(({ task, work: { kind }, progress }) => {
      const { files = 0, of = null, found = 0 } = progress ?? {};
      return { task, kind, files, of, found };
    });
  }

  /** The list may have changed while we did not run: the sweep for it may never have begun. */
  open(): void {
    this.#isOpen = true;
    const { revision } = this.#deps.list;
    if (revision > 0 && !this.#tasks.has(listTask(revision))) this.sweepSoon();
  }

  handle(signed: SignedDocument): void {
    const task = this.#opened(signed);
    if (!task) return;
    const known = this.#tasks.get(task.task);
    if (known) return this.#send(known);
    if (task.work.kind === 'cancel') return this.#cancelFor(task, task.work.task);
    const objection = this.#objectionTo(task);
    if (objection !== undefined) return this.#refuse(task, objection);
    this.#begin(task.task, task.work);
  }

  /** Sweeps for the list after a quiet time; never for the list as it was at our start, which was swept for before. */
  sweepSoon(): void {
    if (!this.#isOpen) return;
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = setTimeout(() => {
      if (this.#deps.settings().sweep !== 'off') this.#sweepForList(this.#deps.list.revision);
    }, sweepDelayMs);
  }

  /** The list is not enforced any more. */
  endListSweeps(message: string): void {
    for (const one of this.unfinished) if (one.task.startsWith(listPrefix)) this.#cancel(one, message);
  }

  /** `scanner` has connected, perhaps after a restart: it continues what it knows, and starts the rest. */
  scannerOpened(): void {
    for (const one of this.unfinished) this.#toScanner(one);
  }

  fromScanner(said: Extract<FromScanner, { type: 'progress' }>): void {
    const one = this.#tasks.get(said.task);
    if (one && !isFinished(one)) return this.#advance(one, progressOf(said, one.work.kind, this.#nextAt()));
    // Cancelled while it was away, or reported as finished twice.
    if (said.state === 'running') this.#deps.toScanner({ type: 'cancel', task: said.task });
  }

  /** A new channel: what is not recorded is sent again. */
  connected(): void {
    for (const one of this.#tasks.values()) if (!one.recorded) this.#send(one);
  }

  /** Forgets no result of a task before the server itself says so. */
  recorded(signed: SignedDocument): void {
    const opened = openReceipt('progress-receipt', signed, this.#deps.addressee);
    if (opened.kind === 'refused') return this.#deps.log('receipt refused', { message: opened.message });
    const { task, at } = opened.receipt;
    const one = this.#tasks.get(task);
    if (!one || one.recorded || one.progress?.at !== at || !isFinished(one)) return;
    this.#tasks.set(one.task, { ...one, recorded: true });
    this.#save();
  }

  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#sweepTimer);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** For the current list instead of the previous one. */
  #sweepForList(revision: number): void {
    const task = listTask(revision);
    for (const older of this.unfinished) {
      if (older.task.startsWith(listPrefix) && older.task !== task) this.#supersede(older, revision);
    }
    this.#tasks.delete(task);
    this.#begin(task, { kind: 'sweep', act: true, roots: null });
  }

  #opened(signed: SignedDocument): Task | undefined {
    const { addressee, log } = this.#deps;
    try {
      const task = openDocument('task', signed, addressee.signingKey);
      const ours = sameGuid(task.agent, addressee.agent) && sameGuid(task.enrolment, addressee.enrolment);
      if (ours) return task;
      log('task refused', {
        message: `Task ${task.task} is for another agent, or for another enrolment of this one.`,
      });
    } catch (error) {
      log('task refused', { message: messageOf(error) });
    }
    return undefined;
  }

  #objectionTo({ task, expiresAt }: Task): Problem {
    if (task.startsWith(listPrefix)) return 'Only the agent itself may begin a task of this name.';
    if (this.#deps.now() > expiresAt) return `It came after ${new Date(expiresAt).toISOString()}, when it expired.`;
    if (this.unfinished.length >= maxTasks)
      return `${maxTasks} tasks wait here already. Cancel some, or try again later.`;
    return undefined;
  }

  #begin(task: string, work: TaskWork): void {
    const one: Remembered = { task, work, progress: null, recorded: false };
    this.#remember(one);
    this.#toScanner(one);
  }

  #toScanner(one: Remembered): void {
    const message = orderFor(one, this.#deps.settings());
    if (message) this.#deps.toScanner(message);
  }

  #cancelFor({ task }: Task, target: string): void {
    const one = this.#tasks.get(target);
    const open = one && !isFinished(one) ? one : undefined;
    if (open) this.#cancel(open, 'Its cancellation was requested.');
    const message = open ? null : `There is no task ${target} here that is not finished.`;
    this.#conclude(task, { kind: 'cancel', task: target }, ['done', message]);
  }

  #cancel(one: Remembered, message: string): void {
    // If it is not connected, it gets the cancellation when it next reports on that task.
    this.#deps.toScanner({ type: 'cancel', task: one.task });
    const sofar = one.progress ?? concluded({ task: one.task, kind: one.work.kind, at: 0 }, 'cancelled', null);
    this.#advance(one, { ...sofar, at: this.#nextAt(), state: 'cancelled', message });
  }

  /** A worker that never received a task need not learn that it is over. */
  #supersede(one: Remembered, revision: number): void {
    if (one.progress) return this.#cancel(one, `Revision ${revision} of the list is swept for instead.`);
    this.#deps.toScanner({ type: 'cancel', task: one.task });
    this.#tasks.delete(one.task);
  }

  #refuse({ task, work }: Task, message: string): void {
    this.#deps.log('task refused', { task, message });
    this.#conclude(task, work, ['failed', message]);
  }

  #conclude(task: string, work: TaskWork, [state, message]: ['done' | 'failed', string | null]): void {
    const progress = concluded({ task, kind: work.kind, at: this.#nextAt() }, state, message);
    const one: Remembered = { task, work, progress, recorded: false };
    if (this.#makeRoom()) this.#remember(one);
    this.#send(one);
  }

  #advance(one: Remembered, progress: ProgressBody): void {
    const next = { ...one, progress };
    this.#tasks.set(one.task, next);
    if (!isFinished(next)) return this.#sendSoon(next);
    this.#save();
    this.#send(next);
  }

  /** Not more than once a second. */
  #sendSoon(one: Remembered): void {
    const wait = (this.#sentAt.get(one.task) ?? -Infinity) + progressIntervalMs - performance.now();
    if (wait <= 0) return this.#send(one);
    if (this.#timers.has(one.task)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(one.task);
      const newest = this.#tasks.get(one.task);
      if (newest) this.#send(newest);
    }, wait);
    this.#timers.set(one.task, timer);
  }

  #send({ task, progress }: Remembered): void {
    clearTimeout(this.#timers.get(task));
    this.#timers.delete(task);
    if (!progress) return;
    this.#sentAt.set(task, performance.now());
    this.#deps.send({ type: 'progress', progress: this.#deps.signer.progress(progress) });
  }

  #remember(one: Remembered): void {
    this.#makeRoom();
    this.#tasks.set(one.task, one);
    this.#save();
  }

  /** Recorded tasks go first, oldest first; then finished ones. Never an unfinished one. */
  #makeRoom(): boolean {
    const all = [...this.#tasks.values()];
    const leaving = [...all.filter((one) => one.recorded), ...all.filter((one) => !one.recorded && isFinished(one))];
    for (const one of leaving.slice(0, Math.max(0, all.length - maxTasks + 1))) this.#forget(one.task);
    return this.#tasks.size < maxTasks;
  }

  #forget(task: string): void {
    this.#tasks.delete(task);
    this.#sentAt.delete(task);
  }

  #save(): void {
    try {
      writeTasks(this.#deps.path, [...this.#tasks.values()]);
    } catch (error) {
      this.#deps.log('tasks not saved', { message: messageOf(error) });
    }
  }

  /** Strictly increasing: `progress-recorded` names a progress by its time. */
  #nextAt(): number {
    this.#lastAt = Math.max(this.#deps.now(), this.#lastAt + 1);
    return this.#lastAt;
  }
}

function listTask(revision: number): string {
  return `${listPrefix}${revision}`;
}
