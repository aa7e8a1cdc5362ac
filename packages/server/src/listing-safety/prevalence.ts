/** Prevalence: which agents hold which files, from sweeps, searches and detections. */
import { countAgents } from '../agents/table.ts';
import { listedAmong } from '../suspicious-objects/table.ts';
import type { Detection, Progress, TaskWork } from '@cordon/protocol/channel';
import type { Prevalence } from '@cordon/protocol/console';
import type { Database, Queries } from '../database/database.ts';
import {
  countInformedAgents,
  deleteRecords,
  holdingHosts,
  owningPackages,
  deleteOldRecords,
  deleteRecordsOfRemovedAgents,
  putRecords,
  sumPrevalence,
} from './prevalence-queries.ts';
import type { PrevalenceRecord } from './prevalence-queries.ts';

const maxNamed = 20;
const purgedAtOnce = 500;
const agentsAtOnce = 20;

export class PrevalenceRecords {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Files that were detected. Only listed files count, so that an agent cannot fill the table with invented ones. */
  async fromDetections(tx: Queries, agent: number, fresh: readonly Detection[]): Promise<void> {
    const detected = [...new Set(fresh.flatMap((one) => (one.file === null ? [] : [one.file.sha1])))];
    const listed = await listedAmong(tx, detected);
    const at = this.#now();
    const rows = detected.filter((sha1) => listed.has(sha1));
    await putRecords(
      tx,
      rows.map((sha1) => ({ agent_number: agent, sha1, path_count: 1, package: null, last_seen_at: at })),
    );
  }

  /** Copies that a search or a sweep found; a finished search also shows which files are absent. */
  async fromProgress(tx: Queries, agent: number, reported: { work: TaskWork; progress: Progress }): Promise<void> {
    const { work, progress } = reported;
    if (work.kind !== 'find' && work.kind !== 'sweep') return;
    const copies = counted(agent, progress.copies, this.#now());
    const contents = copies.map((copy) => copy.sha1);
    const asked = work.kind === 'find' ? new Set(work.files.map((file) => file.sha1)) : await listedAmong(tx, contents);
    await putRecords(
      tx,
      copies.filter((copy) => asked.has(copy.sha1)),
    );
    // If copies were left out of the report, it does not prove that a file is absent.
    const isWhole = progress.state === 'done' && progress.found <= progress.copies.length && progress.unreadable === 0;
    if (work.kind !== 'find' || !isWhole) return;
    const found = new Set(contents);
    await deleteRecords(
      tx,
      agent,
      [...asked].filter((sha1) => !found.has(sha1)),
    );
  }

  /** Deletes records older than `before`, and those of removed agents. */
  async forget(before: number): Promise<void> {
    const database = this.#database;
    while ((await database.write((tx) => deleteOldRecords(tx, before, purgedAtOnce))) === purgedAtOnce);
    while ((await database.write((tx) => deleteRecordsOfRemovedAgents(tx, agentsAtOnce))) === agentsAtOnce);
  }

  /** How many agents hold a file; `revision` is that of its entry on the list. */
  async prevalence(sha1: string, revision: number | null): Promise<Prevalence> {
    const { read } = this.#database;
    const { agents, lastSeen } = await sumPrevalence(read, sha1);
    return {
      agents,
      asked: await countInformedAgents(read, sha1, revision),
      of: await countAgents(read),
      hostNames: agents === 0 ? [] : await holdingHosts(read, sha1, maxNamed),
      packages: agents === 0 ? [] : await owningPackages(read, sha1, maxNamed),
      lastSeenAt: lastSeen,
    };
  }
}

/** One record for all copies of the same content. */
function counted(agent: number, copies: Progress['copies'], at: number): PrevalenceRecord[] {
  const bySha1 = new Map<string, PrevalenceRecord>();
  for (const { sha1, package: owner } of copies) {
    const before = bySha1.get(sha1);
    const storable = owner?.replaceAll('\u0000', '') ?? null;
    bySha1.set(sha1, {
      agent_number: agent,
      sha1,
      last_seen_at: at,
      path_count: (before?.path_count ?? 0) + 1,
      package: before?.package ?? storable,
    });
  }
  return [...bySha1.values()];
}
