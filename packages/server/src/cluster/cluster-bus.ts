/**
 * Notices between nodes that share a database. What changed is in the rows; a notice only says where to look, and a
 * poll repairs notices that were lost.
 */
import type { SealedDesiredState } from '../database/rows.ts';
import type { Database } from '../database/database.ts';
import type { Outbound } from '../gateway/outbound.ts';

export interface ClusterBusDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly outbound: Outbound;
  /** Reads what other nodes have changed of the rows that this node keeps in memory. */
  readonly refresh: () => Promise<void>;
  readonly desiredSince: (since: number) => Promise<SealedDesiredState[]>;
  /** Tasks that were added or cancelled since then. */
  readonly tasksSince: (since: number) => Promise<readonly { id: string; cancelled_at: number | null }[]>;
  readonly objectsRevision: () => Promise<number>;
  /** Takes a notice for live pages; false when it is none. */
  readonly takeLive: (topic: string) => boolean;
}

const pollIntervalMs = 2000;
/** Looked at again in each poll: clocks of nodes differ, and a commit may become visible late. */
const overlapMs = 60_000;
/** Agents named in one notice; with more, other nodes look at everything that changed lately. */
const maxNamed = 500;

export class ClusterBus {
  readonly #deps: ClusterBusDeps;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  /** Whether a notice came during a poll, which may have looked already. */
  #again = false;
  #sentTasks = new Set<string>();

  constructor(deps: ClusterBusDeps) {
    this.#deps = deps;
  }

  /** Begins to listen, where there can be other nodes. */
  async start(): Promise<void> {
    if (!this.#deps.database.isShared) return;
    await this.#deps.database.listen((topic) => void this.#take(topic));
    this.#timer = setInterval(() => void this.#poll(), pollIntervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
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

  /** A notice of any node, this one included. Never rejects: the next poll repairs what fails. */
  async #take(topic: string): Promise<void> {
    if (this.#deps.takeLive(topic)) return;
    try {
      if (topic.startsWith('agents:')) {
        await this.#deps.outbound.sendDesiredOf(topic.slice('agents:'.length).split(',').map(Number));
      } else if (topic.startsWith('task:')) await this.#deps.outbound.sendTask(topic.slice('task:'.length));
      else await this.#poll();
    } catch (error) {
      process.emitWarning(`A notice of another node could not be followed: ${String(error)}`);
    }
  }

  async #poll(): Promise<void> {
    this.#again = this.#polling;
    if (this.#polling) return;
    this.#polling = true;
    const { outbound, now } = this.#deps;
    try {
      await this.#deps.refresh();
      await outbound.announceObjects(await this.#deps.objectsRevision());
      const since = now() - overlapMs;
      await outbound.sendDesired(await this.#deps.desiredSince(since));
      await this.#sendTasks(await this.#deps.tasksSince(since));
    } catch (error) {
      process.emitWarning(`Changes of other nodes could not be read: ${String(error)}`); // The next poll tries again.
    } finally {
      this.#polling = false;
    }
    if (this.#again) await this.#poll();
  }

  /** Each task, and each cancellation, once: agents that connect later get it then. */
  async #sendTasks(tasks: readonly { id: string; cancelled_at: number | null }[]): Promise<void> {
    const lately = new Set(tasks.map((task) => `${task.id} ${task.cancelled_at}`));
    const unsent = tasks.filter((task) => !this.#sentTasks.has(`${task.id} ${task.cancelled_at}`));
    this.#sentTasks = lately;
    for (const task of unsent) await this.#deps.outbound.sendTask(task.id);
  }
}
