/** Who did or attempted what: changes inside their own transaction, refusals outside it and within a budget. */
import { hashOfLine } from '@cordon/protocol/audit-chain';
import type { AuditLine } from '@cordon/protocol/console';
import type { Database, Queries, Row } from '../database/database.ts';
import { partOfAudit } from './part.ts';
import type { Page, Reader } from './part.ts';
import type { AuditRow } from './queries.ts';
import { appendLine, chainHead, insertAgentsOfLine, linesAfter, newestLines, newestLinesOf } from './queries.ts';

/** Who acts, from which address, in which request. */
export interface Actor {
  /** `application:<id>`, `user:<name>`, `agent:<id>`, `server` or `stranger`. */
  readonly name: string;
  /** The socket's address; never one from a header, which anybody can write. */
  readonly source: string;
  readonly requestId: string;
}

export interface Fact {
  readonly act: string;
  readonly target: string;
  /** `done`, or the reason of a refusal. */
  readonly outcome: string;
  /** A message, or JSON; never a secret. */
  readonly detail: string;
  /** Numbers of the agents that it is about; the line is listed for each of them. */
  readonly agents?: readonly number[];
}

/** Refusals written one by one per source and minute; further ones from a stranger are added to one line. */
const refusalsPerMinute = 60;
const maxNameCharacters = 300;
const maxTargetCharacters = 500;
const maxDetailCharacters = 2000;

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

  /** Writes a line that commits or rolls back with the change it describes. */
  record(tx: Queries, actor: Actor, fact: Fact): Promise<void> {
    return append(tx, this.#line(actor, fact), fact.agents);
  }

  /** A request that changed nothing. Written soon after; a flood becomes one line with a count. */
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

  /** What an account limited to folders sees. */
  part(reader: Reader, page: Page): Promise<AuditLine[]> {
    return partOfAudit(this.#database, reader, page);
  }

  /** A page before a line, newest first. */
  before(id: number | undefined, limit: number): Promise<Row<'audit'>[]> {
    return newestLines(this.#database.read, limit, id);
  }

  /**
   * The newest lines about an agent, even a removed one, newest first; `before` is the last id of the previous page.
   */
  of(entityId: string, page: { before: number | undefined; limit: number }): Promise<Row<'audit'>[]> {
    return newestLinesOf(this.#database.read, entityId.toLowerCase(), page);
  }

  /** Lines with a larger id, oldest first, as the API shows them. */
  async after(id: number, limit: number): Promise<AuditLine[]> {
    const rows = await linesAfter(this.#database.read, id, limit);
    return rows.map(shown);
  }

  /** The id of the newest line. */
  async newest(): Promise<number> {
    return (await chainHead(this.#database.read)).id;
  }

  /** Writes the refusals that are still pending. */
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
      actor: storable(actor.name, maxNameCharacters),
      source: storable(actor.source, maxNameCharacters),
      request_id: storable(actor.requestId, maxNameCharacters),
      act: storable(fact.act, maxNameCharacters),
      target: storable(fact.target, maxTargetCharacters),
      outcome: storable(fact.outcome, maxNameCharacters),
      detail: storable(fact.detail, maxDetailCharacters),
    };
  }
}

/** A row as the console API shows it. */
export function shown({ request_id: requestId, ...line }: Row<'audit'>): AuditLine {
  return { ...line, requestId };
}

/**
 * The text may come from strangers. It is cut to the allowed length, without NUL, which PostgreSQL refuses, and without
 * lone surrogates (sent that way, or made by cutting): no database returns those unchanged, so the line would no longer
 * match its hash.
 */
function storable(text: string, longest: number): string {
  return text.replaceAll('\u0000', '').slice(0, longest).toWellFormed();
}

async function append(tx: Queries, line: AuditRow, agents: Fact['agents'] = []): Promise<void> {
  const { request_id: requestId, ...rest } = line;
  const id = await appendLine(tx, line, (previous, next) => hashOfLine(previous, { id: next, ...rest, requestId }));
  await insertAgentsOfLine(tx, id, agents);
}
