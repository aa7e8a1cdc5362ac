/**
 * News between nodes that share a database. What changed is in the rows; a notice only says where to look, and a
 * poll repairs the notices that were lost.
 */
import type { SealedDesiredState } from '../agents/rows.ts';
import type { Database } from '../database/database.ts';
import type { Connections } from './connections.ts';
import type { DesiredStateSender } from './orders.ts';
import type { TaskSender } from './task-orders.ts';

export interface NodeNewsDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly desiredSender: DesiredStateSender;
  readonly taskSender: TaskSender;
  readonly connections: Connections;
  readonly agentsNamed: (numbers: readonly number[]) => Promise<SealedDesiredState[]>;
  readonly changedDesired: (since: number) => Promise<SealedDesiredState[]>;
  readonly refreshApplications: () => Promise<void>;
  readonly refreshProfiles: () => Promise<void>;
  readonly refreshGroups: () => Promise<void>;
  /** Tasks that were asked for or cancelled since then. */
  readonly tasksSince: (since: number) => Promise<readonly { id: string; cancelled_at: number | null }[]>;
  readonly objectsRevision: () => Promise<number>;
  /** What the people at other nodes look on at; false when a notice is none of that. */
  readonly hearLive: (topic: string) => boolean;
}

const pollMilliseconds = 2000;
/** Looked at again in each poll: clocks of nodes differ, and a commit may become visible late. */
const overlapMilliseconds = 60_000;
/** Named in one notice; with more, the other nodes look at everything that changed lately. */
const maxNamed = 500;

export class NodeNews {
  readonly #deps: NodeNewsDeps;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  /** Whether news came while a poll was under way, which may have looked already. */
  #again = false;
  #revision = -1;
  #toldTasks = new Set<string>();
  #tellAgents: (revision: number) => Promise<void> = async () => {};

  constructor(deps: NodeNewsDeps) {
    this.#deps = deps;
  }

  /** Begins to listen. On SQLite there is no other node, so there is nothing to hear. */
  async start(): Promise<void> {
    if (!this.#deps.database.isShared) return;
    await this.#deps.database.listen((topic) => void this.#hear(topic));
    this.#timer = setInterval(() => void this.#poll(), pollMilliseconds).unref();
  }

  /** `tell` is called with each new revision of the suspicious-object list. */
  onObjects(tell: (revision: number) => Promise<void>): void {
    this.#tellAgents = tell;
  }

  /** Wishes that this node has committed. */
  desiredChanged(desiredStates: readonly SealedDesiredState[]): void {
    if (desiredStates.length === 0) return;
    this.#watch(this.#deps.desiredSender.tell(desiredStates));
    const named = desiredStates.length <= maxNamed;
    this.#deps.database.notify(named ? `agents:${desiredStates.map((desired) => desired.number).join(',')}` : 'resync');
  }

  /** Agents whose wishes this node has changed without having them at hand. */
  agentsChanged(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.#watch(this.#tellNamed(numbers));
    this.#deps.database.notify(numbers.length <= maxNamed ? `agents:${numbers.join(',')}` : 'resync');
  }

  /** A task that this node has committed, or cancelled. */
  taskChanged(task: string): void {
    this.#watch(this.#deps.taskSender.tell(task));
    this.#deps.database.notify(`task:${task}`);
  }

  /** A revision of the list that this node has committed. */
  objectsChanged(revision: number): void {
    this.#news(revision);
    this.#deps.database.notify('objects');
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #hear(topic: string): Promise<void> {
    if (this.#deps.hearLive(topic)) return;
    if (topic.startsWith('agents:')) {
      const numbers = topic.slice('agents:'.length).split(',').map(Number);
      const here = numbers.filter((number) => this.#deps.connections.get(number) !== undefined);
      if (here.length > 0) this.#watch(this.#tellNamed(here));
    } else if (topic.startsWith('task:')) this.#watch(this.#deps.taskSender.tell(topic.slice('task:'.length)));
    else await this.#poll();
  }

  async #tellNamed(numbers: readonly number[]): Promise<void> {
    await this.#deps.desiredSender.tell(await this.#deps.agentsNamed(numbers));
  }

  async #poll(): Promise<void> {
    this.#again = this.#polling;
    if (this.#polling) return;
    this.#polling = true;
    try {
      await this.#deps.refreshApplications();
      await this.#deps.refreshProfiles();
      await this.#deps.refreshGroups();
      this.#news(await this.#deps.objectsRevision());
      const since = this.#deps.now() - overlapMilliseconds;
      await this.#deps.desiredSender.tell(await this.#deps.changedDesired(since));
      await this.#tellTasks(await this.#deps.tasksSince(since));
    } catch (error) {
      process.emitWarning(`News from other nodes could not be read: ${String(error)}`); // The next poll tries again.
    } finally {
      this.#polling = false;
    }
    if (this.#again) await this.#poll();
  }

  /** Each task, and each cancelling, once: whoever connects later is told on arrival. */
  async #tellTasks(tasks: readonly { id: string; cancelled_at: number | null }[]): Promise<void> {
    const lately = new Set(tasks.map((task) => `${task.id} ${task.cancelled_at}`));
    const untold = tasks.filter((task) => !this.#toldTasks.has(`${task.id} ${task.cancelled_at}`));
    this.#toldTasks = lately;
    for (const task of untold) await this.#deps.taskSender.tell(task.id);
  }

  #news(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    this.#watch(this.#tellAgents(revision));
  }

  #watch(work: Promise<void>): void {
    work.catch((error: unknown) => process.emitWarning(`Agents could not be told: ${String(error)}`)); // Their next hello repairs it.
  }
}
