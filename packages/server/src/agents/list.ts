/**
 * The console's list of agents.
 *
 * Searched and filtered as a person types, addressed by position, of any length. Matches are collected slice by slice,
 * so neither the database nor the event loop is blocked, and kept for a few seconds: a person who scrolls requests one
 * page of the same list after another.
 */
import { setImmediate } from 'node:timers/promises';
import type { Isolation } from '@cordon/protocol/automation';
import type { AgentPage, ListedEndpoint } from '@cordon/protocol/console';
import { inScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { isolationOf } from './isolation.ts';
import {
  agentFolders,
  candidatesBetween,
  endOfSlice,
  newestAgent,
  newestAgents,
  shownAgents,
  sliceSize,
} from './list-queries.ts';
import type { ListCandidate, ListMark, ShownAgent } from './list-queries.ts';

export interface ListDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly isOnline: (row: Pick<ListCandidate, 'number' | 'seen_at' | 'connected'>) => boolean;
}

/** What selects a list. */
export interface ListFilter {
  /** Words that must all occur in host name, address or folder. */
  readonly search: string;
  readonly isolation: readonly Isolation[];
  readonly online: boolean | undefined;
  /** Folders the caller reaches; empty for all. */
  readonly folders: Folders;
}

export interface Range {
  readonly offset: number;
  readonly limit: number;
}

interface Kept {
  readonly at: number;
  /** The newest agent when the list was collected; a different one now means that another has enrolled since. */
  readonly newest: number;
  /** Whether it depends on states, which change more often than names. */
  readonly states: boolean;
  readonly numbers: Promise<readonly number[]>;
}

const keptMilliseconds = 5000;
/** Lists kept at once; with 100,000 agents each takes about 800 kB. */
const maxKept = 24;
/** Before the first agent: no name is shorter. */
const start: ListMark = { name: '', number: 0 };

export class AgentList {
  readonly #deps: ListDeps;
  readonly #kept = new Map<string, Kept>();

  constructor(deps: ListDeps) {
    this.#deps = deps;
  }

  /** One section of the matching agents, and how many match in total. */
  async page(filter: ListFilter, { offset, limit }: Range): Promise<AgentPage> {
    const numbers = await this.#numbersOf(filter);
    const some = numbers.slice(offset, offset + limit);
    const rows = some.length === 0 ? [] : await shownAgents(this.#deps.database.read, some);
    const byNumber = new Map(rows.map((row) => [row.number, row]));
    const present = some.map((number) => byNumber.get(number)).filter((row) => row !== undefined);
    // The list may be a few seconds old; agents that have left the folders since are not shown.
    const agents = present.filter((row) => inScope(filter.folders, row.folder));
    return { agents: agents.map((row) => this.#shown(row)), total: numbers.length };
  }

  /** How many agents are in the scope, and how many of them are online. */
  async counted(folders: Folders): Promise<{ agents: number; online: number }> {
    const all = { search: '', isolation: [], folders };
    const numbers = await this.#numbersOf({ ...all, online: undefined });
    return { agents: numbers.length, online: (await this.#numbersOf({ ...all, online: true })).length };
  }

  /** The newest agents that enrolled since then, newest first. */
  async arrivedSince(since: number, folders: Folders, limit: number): Promise<AgentPage> {
    const newest = await newestAgents(this.#deps.database.read, limit);
    const rows = newest.filter((row) => row.enrolled_at >= since && inScope(folders, row.folder));
    return { agents: rows.map((row) => this.#shown(row)), total: rows.length };
  }

  /** The folders of these agents by ID; unknown agents are left out. */
  foldersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return agentFolders(this.#deps.database.read, ids);
  }

  /** States have changed: lists filtered by state are collected again. */
  statesChanged(): void {
    for (const [key, { states }] of this.#kept) if (states) this.#kept.delete(key);
  }

  async #numbersOf(filter: ListFilter): Promise<readonly number[]> {
    const key = JSON.stringify(filter);
    const newest = await newestAgent(this.#deps.database.read);
    const now = this.#deps.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.newest === newest && now - kept.at < keptMilliseconds) return kept.numbers;
    const numbers = this.#collect(filter);
    this.#keep(key, { at: now, newest, states: dependsOnStates(filter), numbers });
    // A failure is not cached: the next request may succeed.
    numbers.catch(() => this.#kept.delete(key));
    return numbers;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= maxKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
  }

  async #collect(filter: ListFilter): Promise<readonly number[]> {
    const { database } = this.#deps;
    const whole = dependsOnStates(filter) || filter.folders.length > 0;
    const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
    const narrowing = { words, whole };
    const size = sliceSize(database, narrowing);
    const numbers: number[] = [];
    let mark: ListMark | undefined = start;
    while (mark !== undefined) {
      const end: ListMark | undefined = size === undefined ? undefined : await endOfSlice(database.read, mark, size);
      const found = await candidatesBetween(database.read, mark, end, narrowing);
      for (const row of found) if (!whole || this.#fits(row, filter)) numbers.push(row.number);
      mark = end;
      // Other work is waiting: agents, and people who isolate an endpoint.
      await setImmediate();
    }
    return numbers;
  }

  #fits(row: ListCandidate, { isolation, online, folders }: ListFilter): boolean {
    if (!inScope(folders, row.folder)) return false;
    if (isolation.length > 0 && !isolation.includes(isolationOf(row))) return false;
    return online === undefined || this.#deps.isOnline(row) === online;
  }

  #shown(row: ShownAgent): ListedEndpoint {
    return {
      agent: row.entity_id,
      hostName: row.host_name,
      folder: row.folder,
      ipAddresses: row.ip_addresses,
      macAddresses: row.mac_addresses,
      platform: row.platform,
      agentVersion: row.agent_version,
      product: row.product,
      server: row.server_id,
      isolation: isolationOf(row),
      online: this.#deps.isOnline(row),
      lastSeenAt: row.seen_at,
      protected: row.protected === 1,
      deadline: row.desired_deadline,
      profile: row.desired_profile,
      enrolledAt: row.enrolled_at,
    };
  }
}

function dependsOnStates({ isolation, online }: ListFilter): boolean {
  return isolation.length > 0 || online !== undefined;
}
