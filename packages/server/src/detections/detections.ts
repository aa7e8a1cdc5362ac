/** Detections: stored exactly once, however often an agent sends them. */
import type { Detection, ObjectName, SignedDocument } from '@cordon/protocol/channel';
import type { DetectionPage, DetectionRecord } from '@cordon/protocol/console';
import type { Arrived } from '../enrolment/arrival.ts';
import { detectionsBy } from '../reports/signed-by.ts';
import type { Folders } from '../access/scope.ts';
import type { Database, Queries } from '../database/database.ts';
import type { Publish } from '../events/events.ts';
import { recordEvent } from '../delivery/record-event.ts';
import { countOf, divided, foldedInto, freshOf, hour, maxFolded, recordOf, rowOf, storable } from './stored-form.ts';
import type { DetectionRow, Receipt } from './stored-form.ts';
import {
  agentsDetecting,
  countMore,
  detectionsAfter,
  detectionsWithin,
  foldedLines,
  forgetSpools,
  idRange,
  insertDetections,
  lockHourCount,
  nextIds,
  purgeBefore,
  storedUpTo,
  storeHourCount,
  storeSpool,
} from './queries.ts';
import type { DetectionFilter, ListedDetection } from './queries.ts';

export interface DetectionsDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly publish: Publish;
  /** How long they are kept, milliseconds. */
  readonly keep: number;
  /** What else follows from an agent's new detections, in the same transaction; returns what to do after the commit. */
  readonly follow: (tx: Queries, agent: Arrived, fresh: readonly Detection[]) => Promise<() => void>;
  /** Deletes what followed from detections before that time. */
  readonly forget: (before: number) => Promise<void>;
}

/** Everything in a spool up to a sequence number. */
export interface StoredUpTo {
  readonly spool: string;
  readonly sequence: number;
}

const purgeIntervalMs = hour;
const purgedAtOnce = 500;
/**
 * An agent begins a new spool when it has lost its disk. Batches from older spools are recognised, so they stay stored
 * once.
 */
const spoolsKept = 8;
/** Ids searched in one query: a search reads each row, and other requests must not be blocked. */
const searchedAtOnce = 10_000;

export class Detections {
  readonly #deps: DetectionsDeps;
  readonly #timer: NodeJS.Timeout;
  #purging: Promise<void> = Promise.resolve();

  constructor(deps: DetectionsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.purge(), purgeIntervalMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#purging;
  }

  /**
   * Stores what is new in an agent's batch and returns up to where all is stored. Throws an Error if it is not this
   * agent's.
   */
  async record(agent: Arrived, signed: SignedDocument): Promise<StoredUpTo> {
    const { spool, detections } = detectionsBy(agent, signed);
    const stored = await this.#deps.database.write(async (tx) => {
      const hourCount = await lockHourCount(tx, agent.number);
      const known = await storedUpTo(tx, agent.number, spool);
      const fresh = freshOf(detections, known ?? 0);
      const last = fresh.at(-1);
      if (last === undefined) return undefined;
      const receipt = receiptOf(agent, spool, this.#deps.now());
      const thisHour = Math.floor(receipt.at / hour);
      const { kept, folded } = divided(fresh, hourCount.hour === thisHour ? hourCount.stored : 0);
      const rows = await this.#insert(tx, receipt, { kept, folded });
      const before = hourCount.hour === thisHour ? hourCount.stored : 0;
      const agent_number = agent.number;
      await storeHourCount(tx, { agent_number, hour: thisHour, stored: before + kept.length });
      await storeSpool(tx, { agent_number, spool, sequence: last.sequence, at: receipt.at });
      if (known === undefined) await forgetSpools(tx, agent_number, spoolsKept);
      return { rows, afterwards: await this.#deps.follow(tx, agent, fresh) };
    });
    if (stored !== undefined) {
      stored.afterwards();
      this.#publish(stored.rows, agent);
    }
    return { spool, sequence: Math.max(...detections.map((one) => one.sequence)) };
  }

  /** Those that match, of agents in the scope, newest first. */
  async list(
    filter: DetectionFilter & { readonly scope: Folders },
    page: { before: number | undefined; limit: number },
  ): Promise<DetectionPage> {
    const range = await idRange(this.#deps.database.read, filter);
    if (range === undefined) return { detections: [], next: null };
    const found: ListedDetection[] = [];
    let to = Math.min(page.before ?? Number.MAX_SAFE_INTEGER, range.last + 1);
    while (to > range.first && found.length < page.limit) {
      const from = Math.max(range.first, to - searchedAtOnce);
      const ids = { from, to, limit: page.limit - found.length };
      found.push(...(await detectionsWithin(this.#deps.database.read, filter, ids)));
      to = from;
      await new Promise(setImmediate);
    }
    const next = found.length === page.limit ? (found.at(-1)?.id ?? null) : null;
    return { detections: found.map((row) => recordOf(row, row)), next };
  }

  /** Those after an id, oldest first; of all nodes. */
  async after(id: number, limit: number): Promise<DetectionRecord[]> {
    const rows = await detectionsAfter(this.#deps.database.read, id, limit);
    return rows.map((row) => recordOf(row, row));
  }

  /** How many agents have detected an object since then. */
  agentsDetecting(object: ObjectName, since: number): Promise<number> {
    return agentsDetecting(this.#deps.database.read, object, since);
  }

  /** Deletes old detections in slices. Never rejects: the next run repairs a failure. */
  purge(): Promise<void> {
    this.#purging = this.#purging.then(() => this.#purgeAll());
    return this.#purging;
  }

  async #purgeAll(): Promise<void> {
    try {
      const before = this.#deps.now() - this.#deps.keep;
      let gone: number;
      do gone = await this.#deps.database.write((tx) => purgeBefore(tx, before, purgedAtOnce));
      while (gone === purgedAtOnce);
      await this.#deps.forget(before);
    } catch (error) {
      process.emitWarning(`Old detections could not be deleted: ${String(error)}`);
    }
  }

  /** One statement for all that is stored, and one more row for each object with too many detections. */
  async #insert(
    tx: Queries,
    receipt: Receipt,
    { kept, folded }: ReturnType<typeof divided>,
  ): Promise<readonly DetectionRow[]> {
    const lines = await this.#fold(tx, receipt, folded);
    const all = [...kept.map((one) => [one, 0] as const), ...lines.map((one) => [one, 1] as const)];
    if (all.length === 0) return [];
    const first = await nextIds(tx, all.length);
    const rows = all.map(([one, isFolded], index) => rowOf(one, first + index, { receipt, folded: isFolded }));
    await insertDetections(tx, rows);
    const named = { entity_id: receipt.entityId, host_name: receipt.hostName };
    const records = rows.map((row) => recordOf(row, named));
    await recordEvent(tx, ...records.map((body) => ({ kind: 'detection' as const, at: body.receivedAt, body })));
    return rows;
  }

  /** Adds to this hour's folded rows; returns the new ones that are needed. */
  async #fold(tx: Queries, receipt: Receipt, folded: readonly Detection[]): Promise<Detection[]> {
    if (folded.length === 0) return [];
    const lines = await foldedLines(tx, receipt.number, Math.floor(receipt.at / hour) * hour);
    const byObject = new Map(lines.map((line) => [`${line.object_type} ${line.object_content}`, line.id]));
    const fresh = new Map<string, [Detection, ...Detection[]]>();
    for (const [object, many] of grouped(folded)) {
      const isFull = byObject.size + fresh.size >= maxFolded;
      const id = byObject.get(object) ?? (isFull ? lines[0]?.id : undefined);
      const [elsewhere] = fresh.values();
      if (id !== undefined) await countMore(tx, id, countOf(many));
      else if (isFull && elsewhere !== undefined) elsewhere.push(...many);
      else fresh.set(object, many);
    }
    return [...fresh.values()].map(foldedInto);
  }

  #publish(rows: readonly DetectionRow[], agent: Arrived): void {
    if (rows.length === 0) return;
    const named = { entity_id: agent.entityId, host_name: agent.hostName };
    this.#deps.publish({ kind: 'detections-recorded', records: rows.map((row) => recordOf(row, named)) });
  }
}

function grouped(detections: readonly Detection[]): Map<string, [Detection, ...Detection[]]> {
  const groups = new Map<string, [Detection, ...Detection[]]>();
  for (const one of detections) {
    const name = `${one.object.type} ${storable(one.object.content)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}

function receiptOf(agent: Arrived, spool: string, at: number): Receipt {
  const { number, entityId, hostName } = agent;
  return { number, entityId, hostName, spool, at };
}
