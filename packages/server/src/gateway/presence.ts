/** Who is connected, for the other nodes and for after a restart: kept in memory, flushed in batches. */
import type { Database, Row } from '../database/database.ts';
import { setImmediate } from 'node:timers/promises';
import type { ListedAgent } from '../agents/rows.ts';
import type { Connections } from './connections.ts';

export interface PresenceDeps {
  readonly database: Database;
  readonly connections: Connections;
  readonly server: string;
  readonly now: () => number;
  /** Writes rows of presence; the agents' own use case. */
  readonly store: (rows: readonly Row<'presence'>[]) => Promise<void>;
}

const flushMilliseconds = 2000;
/** Every agent's "last seen" is renewed this often; another node takes it for gone after three of them. */
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

  /** An agent came (1) or went (0). */
  changed(number: number, connected: 0 | 1): void {
    this.#changed.set(number, connected);
  }

  /** Here and now, or on another node lately. */
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
      process.emitWarning(`Presence could not be written: ${String(error)}`); // The next renewal says it again.
    }
  }
}
