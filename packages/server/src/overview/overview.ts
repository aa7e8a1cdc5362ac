/**
 * The overview: agents online and isolated per minute, isolation times, current isolations.
 *
 * Measured in memory, written in batches, kept for ninety days.
 */
import { countAgents } from '../agents/table.ts';
import { countPending } from '../guard/table.ts';
import type { Overview as OverviewAnswer } from '@cordon/protocol/console';
import { everywhere } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import { isolationOf } from '../agents/isolation.ts';
import type { Database, Row } from '../database/database.ts';
import {
  countIsolatedInFleet,
  fleetInBuckets,
  forgetBefore,
  insertFleet,
  insertIsolations,
  isolatedLongest,
  isolationsIn,
  onlineElsewhere,
} from './queries.ts';

export interface OverviewDeps {
  readonly database: Database;
  readonly now: () => number;
  /** This node. */
  readonly server: string;
  /** Agents connected to this node. */
  readonly online: () => number;
  /** Agents in a scope, and how many of them are online. */
  readonly counted: (scope: Folders) => Promise<{ agents: number; online: number }>;
  /** Pending approvals whose agents are all in the scope. */
  readonly waiting: (scope: Folders) => Promise<number>;
}

const minute = 60_000;
const keptMilliseconds = 90 * 24 * 60 * minute;
const flushMilliseconds = 2000;
/** Points of a plot; a screen cannot show more. */
const maxBuckets = 120;
const longestSpan = 31 * 24 * 60 * minute;
const maxIsolations = 20_000;
const maxListed = 100;

export class Overview {
  readonly #deps: OverviewDeps;
  readonly #timers: readonly NodeJS.Timeout[];
  #isolations: Row<'measured_isolations'>[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: OverviewDeps) {
    this.#deps = deps;
    this.#timers = [
      setInterval(() => this.#write(() => this.#measure()), minute).unref(),
      setInterval(() => this.#write(() => this.#flush()), flushMilliseconds).unref(),
    ];
    this.#write(() => this.#measure());
  }

  /** An endpoint proved its isolation this long after the commit; undefined when a report shows nothing new. */
  isolated(agentNumber: number, milliseconds: number | undefined): void {
    if (milliseconds === undefined) return;
    const at = this.#deps.now();
    this.#isolations.push({ at, agent_number: agentNumber, milliseconds: Math.max(0, Math.round(milliseconds)) });
  }

  /**
   * For the agents in the scope. The history per minute covers the whole fleet, so only accounts without a scope get
   * it.
   */
  async show(asked: { since: number | undefined; until: number | undefined }, scope: Folders): Promise<OverviewAnswer> {
    const { read } = this.#deps.database;
    await this.#writing;
    const now = this.#deps.now();
    const until = Math.min(asked.until ?? now, now);
    const since = Math.max(asked.since ?? until - 24 * 60 * minute, until - longestSpan);
    const bucket = bucketOf(until - since);
    const span = { since, until, bucket };
    const rows = await isolatedLongest(read, scope, maxListed);
    return {
      ...span,
      now: { ...(await this.#counts(scope, now)), ...(await countIsolatedInFleet(read, scope)) },
      isolated: rows.map((row) => ({
        agent: row.entity_id,
        hostName: row.host_name,
        isolation: isolationOf(row),
        since: row.requested_at ?? row.desired_at,
        deadline: row.desired_deadline,
        requestedBy: row.requested_by,
      })),
      fleet: scope.length === 0 ? await fleetInBuckets(read, span) : [],
      latency: latencies(await isolationsIn(read, span, { scope, limit: maxIsolations }), bucket),
    };
  }

  async #counts(scope: Folders, now: number): Promise<Pick<OverviewAnswer['now'], 'agents' | 'online' | 'waiting'>> {
    const { database, server, online, counted, waiting } = this.#deps;
    if (scope.length > 0) return { ...(await counted(scope)), waiting: await waiting(scope) };
    return {
      agents: await countAgents(database.read),
      online: online() + (await onlineElsewhere(database.read, server, now - 3 * minute)),
      waiting: await countPending(database.read, now),
    };
  }

  /** Writes what is still pending. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#write(() => this.#flush());
    await this.#writing;
  }

  #write(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      process.emitWarning(`The overview could not be written: ${String(error)}`); // Only a gap in a plot.
    });
  }

  async #measure(): Promise<void> {
    const { database, now, server, online } = this.#deps;
    const at = now() - (now() % minute);
    const { isolated } = await countIsolatedInFleet(database.read, everywhere);
    await database.write(async (tx) => {
      await insertFleet(tx, { at, server_id: server, online: online(), isolated });
      await forgetBefore(tx, at - keptMilliseconds);
    });
  }

  async #flush(): Promise<void> {
    if (this.#isolations.length === 0) return;
    const rows = this.#isolations;
    this.#isolations = [];
    await this.#deps.database.write((tx) => insertIsolations(tx, rows));
  }
}

/** A whole number of minutes, so that a bucket holds whole measurements. */
function bucketOf(span: number): number {
  return Math.max(1, Math.ceil(span / maxBuckets / minute)) * minute;
}

/** The median and the 99th percentile of each bucket, by nearest rank. */
function latencies(
  rows: readonly { at: number; milliseconds: number }[],
  bucket: number,
): { at: number; count: number; p50: number; p99: number }[] {
  const buckets = Map.groupBy(rows, (row) => row.at - (row.at % bucket));
  return [...buckets]
    .map(([at, some]) => {
      const sorted = some.map((row) => row.milliseconds).sort((a, b) => a - b);
      return { at, count: sorted.length, p50: rank(sorted, 0.5), p99: rank(sorted, 0.99) };
    })
    .sort((a, b) => a.at - b.at);
}

function rank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
