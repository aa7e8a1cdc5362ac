/** Presence of agents, for other nodes and after a restart: kept in memory, written in batches. */
import type { Database, Row } from '../database/database.ts';
import { setImmediate } from 'node:timers/promises';
import type { ListedAgent } from '../agents/rows.ts';
import type { Connections } from './connections.ts';

export interface PresenceDeps {
  readonly database: Database;
  readonly connections: Connections;
  readonly server: string;
  readonly now: () => number;
  /** Writes presence rows; a use case of the agents room. */
  readonly store: (rows: readonly Row<'presence'>[]) => Promise<void>;
}

const flushMilliseconds = 2000;
/** Every agent's "last seen" is renewed this often; after three missed renewals another node treats it as offline. */
const renewMilliseconds = 30_000;
const staleMilliseconds = 3 * renewMilliseconds;
const sliceSize = 500;

export class Presence {
  readonly #deps: PresenceDeps;
  readonly #changed = new Map<number, 0 | 1>();
  readonly #timer: NodeJS.Timeout;
  #renewedAt: number;
  #flushing: Promise<void> = Promise.resolve();

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.#renewedAt = deps.now();
    this.#timer = setInterval(() => this.#tick(), flushMilliseconds).unref();
  }

  /** An agent connected (1) or disconnected (0). */
  changed(number: number, connected: 0 | 1): void {
    this.#changed.set(number, connected);
  }

  /** Connected here now, or to another node recently. */
  isOnline(row: Pick<ListedAgent, 'number' | 'connected' | 'seen_at'>): boolean {
    if (this.#deps.connections.get(row.number) !== undefined) return true;
    if (row.connected !== 1 || row.seen_at === null) return false;
    return this.#changed.get(row.number) !== 0 && row.seen_at > this.#deps.now() - staleMilliseconds;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const connection of this.#deps.connections.all()) this.#changed.set(connection.agent.number, 0);
    await this.#flushing;
    await this.#flush();
  }

  #tick(): void {
    const now = this.#deps.now();
    if (now - this.#renewedAt >= renewMilliseconds) {
      this.#renewedAt = now;
      for (const connection of this.#deps.connections.all()) this.#changed.set(connection.agent.number, 1);
    }
    this.#flushing = this.#flushing.then(() => this.#flush());
  }

  async #flush(): Promise<void> {
    const now = this.#deps.now();
    const rows = [...this.#changed].map(([agent_number, connected]) => ({
      agent_number,
      server_id: this.#deps.server,
      connected,
      seen_at: now,
    }));
    this.#changed.clear();
    try {
      for (let start = 0; start < rows.length; start += sliceSize) {
        await this.#deps.store(rows.slice(start, start + sliceSize));
        await setImmediate();
      }
    } catch (error) {
      process.emitWarning(`Presence could not be written: ${String(error)}`); // The next renewal writes it again.
    }
  }
}
