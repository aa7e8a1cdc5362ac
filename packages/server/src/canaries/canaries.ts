/** Canaries: objects enforced in few groups, halted when too many agents detect them. */
import type { Detection, ObjectName } from '@cordon/protocol/channel';
import type { Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { toJson } from '../database/json.ts';
import type { Publish } from '../events/events.ts';
import { recordEvent } from '../delivery/record-event.ts';
import {
  canariesAmong,
  changeObject,
  countDetections,
  nextRevision,
  objectForChange,
} from '../suspicious-objects/table.ts';
import type { ObjectRow } from '../suspicious-objects/table.ts';

export interface CanariesDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** How many agents have detected an object since then. */
  readonly agentsDetecting: (object: ObjectName, since: number) => Promise<number>;
  readonly publish: Publish;
}

const windowMs = 3_600_000;

export class Canaries {
  readonly #deps: CanariesDeps;
  /** Contents to check next; those added during a check are checked after it. */
  readonly #waiting = new Set<string>();
  #looking: Promise<void> | undefined;

  constructor(deps: CanariesDeps) {
    this.#deps = deps;
  }

  async close(): Promise<void> {
    await this.#looking;
  }

  /** Adds new detections to the counts on the list. */
  async count(tx: Queries, fresh: readonly Detection[]): Promise<void> {
    const sums = new Map<string, { object: ObjectName; count: number }>();
    for (const { object, count } of fresh) {
      const content = object.content.replaceAll('\u0000', '');
      const name = `${object.type} ${content}`;
      const before = sums.get(name)?.count ?? 0;
      sums.set(name, { object: { type: object.type, content }, count: before + Math.min(count, 1_000_000) });
    }
    // Always in the same order, so that two transactions never deadlock.
    for (const name of [...sums.keys()].sort()) {
      const sum = sums.get(name);
      if (sum !== undefined) await countDetections(tx, sum.object, sum.count);
    }
  }

  /** Soon checks whether any of these must be halted; called after the detections are stored. */
  watch(contents: Iterable<string>): void {
    for (const content of contents) this.#waiting.add(content);
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookAtAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const contents = [...this.#waiting].slice(0, 500);
      for (const content of contents) this.#waiting.delete(content);
      try {
        const canaries = await canariesAmong(this.#deps.database.read, contents);
        for (const canary of canaries) await this.#judge(canary);
      } catch (error) {
        process.emitWarning(`A canary could not be checked: ${String(error)}`); // Checked again at the next detection.
      }
    }
  }

  async #judge(canary: ObjectRow): Promise<void> {
    const { database, now } = this.#deps;
    const agents = await this.#deps.agentsDetecting(canary, now() - windowMs);
    if (canary.halt_above === null || agents <= canary.halt_above) return;
    const revision = await database.write((tx) => this.#halt(tx, canary, agents));
    if (revision !== undefined) this.#deps.publish({ kind: 'objects-changed', revision });
  }

  async #halt(tx: Queries, canary: ObjectRow, agents: number): Promise<number | undefined> {
    // First of all: every change of the list takes its revision first.
    const revision = await nextRevision(tx);
    const row = await objectForChange(tx, this.#deps.database, canary);
    // It may have changed in the meantime; then the new terms decide.
    if (row === undefined || row.revision !== canary.revision) return undefined;
    const at = this.#deps.now();
    const why =
      `${agents} agents detected it within an hour, and the limit of this canary is ${row.halt_above}. ` +
      'It is only logged now. Set "enforceIn" again when you are sure of it.';
    const halted = { enforce_in: toJson<string[]>([]), halted_at: at, halt_reason: why, revision, changed_at: at };
    await changeObject(tx, row, halted);
    const detail = JSON.stringify({ enforceIn: row.enforce_in, haltAbove: row.halt_above, agents });
    const fact = { act: 'halt-object', target: `${row.type} ${row.content}`, outcome: 'done', detail };
    await this.#deps.audit.record(tx, { name: 'server', source: '', requestId: '' }, fact);
    const body = { type: row.type, content: row.content, message: why };
    await recordEvent(tx, { kind: 'canary.halted', at, body });
    return revision;
  }
}
