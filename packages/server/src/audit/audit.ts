/** Who did or tried what: changes inside their own transaction, refusals beside it and within a budget. */
import { hashOfLine } from '@cordon/protocol/audit-chain';
import type { AuditLine } from '@cordon/protocol/console';
import type { Database, Queries, Row } from '../database/database.ts';
import { partOfAudit } from './part.ts';
import type { Page, Reader } from './part.ts';
import type { AuditRow } from './queries.ts';
import { appendLine, chainHead, insertAgentsOfLine, linesAfter, newestLines, newestLinesOf } from './queries.ts';

/** Who acts, from where, in which request. */
export interface Actor {
  /** `application:<id>`, `user:<name>`, `agent:<id>`, `server` or `stranger`. */
  readonly name: string;
  /** The socket's address; never a header's, which anybody can write. */
  readonly source: string;
  readonly requestId: string;
}

export interface Fact {
  readonly act: string;
  readonly target: string;
  /** `done`, or the reason of a refusal. */
  readonly outcome: string;
  /** A sentence, or JSON; never a secret. */
  readonly detail: string;
  /** Numbers of the agents that it is about, each of which finds the line again. */
  readonly agents?: readonly number[];
}

/** Refusals written one by one per source and minute; beyond it a stranger only makes one line longer. */
const refusalsPerMinute = 60;
const longestName = 300;
const longestTarget = 500;
const longestDetail = 2000;

interface Budget {
  written: number;
  suppressed: number;
}

export class Audit {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #budgets = new Map<string, Budget>();
  readonly #writing = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#timer = setInterval(() => this.#closeMinute(), 60_000).unref();
  }

  /** A line that stands or falls with the change it tells of. */
  record(tx: Queries, actor: Actor, fact: Fact): Promise<void> {
    return append(tx, this.#line(actor, fact), fact.agents);
  }

  /** A request that changed nothing. Written soon; after a flood as one line that says how many there were. */
  refused(actor: Actor, fact: Fact): void {
    const budget = this.#budgets.get(actor.source) ?? { written: 0, suppressed: 0 };
    this.#budgets.set(actor.source, budget);
    if (budget.written >= refusalsPerMinute) {
      budget.suppressed += 1;
      return;
    }
    budget.written += 1;
    this.#writeSoon(this.#line(actor, fact), fact.agents);
  }

  list(after: number | undefined, limit: number): Promise<Row<'audit'>[]> {
    return after === undefined
      ? newestLines(this.#database.read, limit)
      : linesAfter(this.#database.read, after, limit);
  }

  /** What somebody sees who is limited to folders. */
  part(reader: Reader, page: Page): Promise<AuditLine[]> {
    return partOfAudit(this.#database, reader, page);
  }

  /** The newest lines before one, newest first. */
  before(id: number | undefined, limit: number): Promise<Row<'audit'>[]> {
    return newestLines(this.#database.read, limit, id);
  }

  /** The newest lines about an agent, also one that is gone, newest first; `before` is the id that a page ended with. */
  of(entityId: string, page: { before: number | undefined; limit: number }): Promise<Row<'audit'>[]> {
    return newestLinesOf(this.#database.read, entityId.toLowerCase(), page);
  }

  /** Lines with a larger id, oldest first, as they are shown. */
  async after(id: number, limit: number): Promise<AuditLine[]> {
    const rows = await linesAfter(this.#database.read, id, limit);
    return rows.map(shown);
  }

  /** Id of the newest line. */
  async newest(): Promise<number> {
    return (await chainHead(this.#database.read)).id;
  }

  /** Writes what is still owed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closeMinute();
    await Promise.all(this.#writing);
  }

  #closeMinute(): void {
    for (const [source, budget] of this.#budgets) {
      if (budget.suppressed === 0) continue;
      const actor = { name: 'stranger', source, requestId: '' };
      const detail = `${budget.suppressed} more refused requests from this address within a minute`;
      this.#writeSoon(this.#line(actor, { act: 'request', target: '', outcome: 'refused', detail }));
    }
    this.#budgets.clear();
  }

  #writeSoon(line: AuditRow, agents: Fact['agents'] = []): void {
    const writing = this.#database
      .write((tx) => append(tx, line, agents))
      .catch((error: unknown) => process.emitWarning(`A refusal could not be written to the audit: ${String(error)}`))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #line(actor: Actor, fact: Fact): AuditRow {
    return {
      at: this.#now(),
      actor: storable(actor.name, longestName),
      source: storable(actor.source, longestName),
      request_id: storable(actor.requestId, longestName),
      act: storable(fact.act, longestName),
      target: storable(fact.target, longestTarget),
      outcome: storable(fact.outcome, longestName),
      detail: storable(fact.detail, longestDetail),
    };
  }
}

/** A row as the console API shows it. */
export function shown({ request_id: requestId, ...line }: Row<'audit'>): AuditLine {
  return { ...line, requestId };
}

/**
 * What strangers send is in here too: no longer than a line may be, without the NUL that PostgreSQL refuses, and without
 * the half of a surrogate pair (sent so, or made by cutting), which no database gives back as it took it: the line
 * would not fit its hash any more.
 */
function storable(text: string, longest: number): string {
  return text.replaceAll('\u0000', '').slice(0, longest).toWellFormed();
}

async function append(tx: Queries, line: AuditRow, agents: Fact['agents'] = []): Promise<void> {
  const { request_id: requestId, ...rest } = line;
  const id = await appendLine(tx, line, (previous, next) => hashOfLine(previous, { id: next, ...rest, requestId }));
  await insertAgentsOfLine(tx, id, agents);
}
