/**
 * Notices between nodes that share a database.
 *
 * The rows hold what changed; a notice only says where to look, and a poll makes up for lost notices.
 */
import type { SealedDesiredState } from '../database/rows.ts';
import type { Database } from '../database/database.ts';
import type { Outbound } from '../gateway/outbound.ts';

export interface ClusterBusDeps {
  readonly database: Pick<Database, 'isShared' | 'listen' | 'notify'>;
  readonly now: () => number;
  readonly outbound: Pick<Outbound, 'announceObjects' | 'sendDesired' | 'sendDesiredOf' | 'sendTask'>;
  /** Reloads rows kept in memory here that other nodes have changed. */
  readonly refresh: () => Promise<void>;
  readonly desiredSince: (since: number) => Promise<SealedDesiredState[]>;
  /** Tasks added or cancelled since then. */
  readonly tasksSince: (since: number) => Promise<readonly { id: string; cancelled_at: number | null }[]>;
  readonly objectsRevision: () => Promise<number>;
  /** Handles a notice for live pages; false when it is not one. */
  readonly takeLive: (topic: string) => boolean;
}

const pollIntervalMs = 2000;
/** Every poll looks back this far: clocks of nodes differ, and a commit may become visible late. */
const overlapMs = 60_000;
/** Agents named in one notice; with more, other nodes look at everything that changed lately. */
const maxNamed = 500;

export class ClusterBus {
  readonly #deps: ClusterBusDeps;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #polling: Promise<void> | undefined;
  /** Whether a notice arrived during a poll, which may already have looked. */
  #again = false;
  /** Notices being handled. */
  readonly #handling = new Set<Promise<void>>();
  #sentTasks = new Set<string>();

  constructor(deps: ClusterBusDeps) {
    this.#deps = deps;
  }

  /** Starts listening, where other nodes are possible. */
  async start(): Promise<void> {
    if (!this.#deps.database.isShared) return;
    await this.#deps.database.listen((topic) => this.#take(topic));
    this.#timer = setInterval(() => void this.#poll(), pollIntervalMs).unref();
  }

  /** Handles no more notices, and waits for those being handled: they need the database. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([this.#polling, ...this.#handling]);
  }

  notifyAgents(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.#deps.database.notify(numbers.length <= maxNamed ? `agents:${numbers.join(',')}` : 'resync');
  }

  notifyTask(task: string): void {
    this.#deps.database.notify(`task:${task}`);
  }

  notifyObjects(): void {
    this.#deps.database.notify('objects');
  }

  /** Takes a notice from any node, this one included. */
  #take(topic: string): void {
    if (this.#closed || this.#deps.takeLive(topic)) return;
    const handled = this.#handle(topic).finally(() => this.#handling.delete(handled));
    this.#handling.add(handled);
  }

  /** Never rejects: the next poll makes up for failures. */
  async #handle(topic: string): Promise<void> {
    try {
      if (topic.startsWith('agents:')) {
        await this.#deps.outbound.sendDesiredOf(topic.slice('agents:'.length).split(',').map(Number));
      } else if (topic.startsWith('task:')) await this.#deps.outbound.sendTask(topic.slice('task:'.length));
      else await this.#poll();
    } catch (error) {
      process.emitWarning(`A notice from another node could not be handled: ${String(error)}`);
    }
  }

  /** One poll at a time; a call during one makes it look once more. */
  #poll(): Promise<void> {
    this.#again = this.#polling !== undefined;
    this.#polling ??= this.#pollUntilQuiet().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #pollUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      await this.#pollOnce();
    } while (this.#again && !this.#closed);
  }

  async #pollOnce(): Promise<void> {
    const { outbound, now } = this.#deps;
    try {
      await this.#deps.refresh();
      await outbound.announceObjects(await this.#deps.objectsRevision());
      const since = now() - overlapMs;
      await outbound.sendDesired(await this.#deps.desiredSince(since));
      await this.#sendTasks(await this.#deps.tasksSince(since));
    } catch (error) {
      process.emitWarning(`Changes by other nodes could not be read: ${String(error)}`); // The next poll tries again.
    }
  }

  /** Each task and each cancellation once: agents that connect later get it on connecting. */
  async #sendTasks(tasks: readonly { id: string; cancelled_at: number | null }[]): Promise<void> {
    const lately = new Set(tasks.map((task) => `${task.id} ${task.cancelled_at}`));
    const unsent = tasks.filter((task) => !this.#sentTasks.has(`${task.id} ${task.cancelled_at}`));
    this.#sentTasks = lately;
    for (const task of unsent) await this.#deps.outbound.sendTask(task.id);
  }
}
