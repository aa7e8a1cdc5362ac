/**
 * The part of the audit for an account limited to folders: lines about agents in them, and the account's own actions. A
 * line that is also about other agents shows only the ones in those folders. A part cannot be verified, so it has no
 * hashes.
 */
import { setImmediate } from 'node:timers/promises';
import type { AuditLine } from '@cordon/protocol/console';
import type { Folders } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { chainHead, namesOnLine, partialLines } from './queries.ts';
import type { PartialRow } from './queries.ts';

/** The account that reads. */
export interface Reader {
  /** As lines name it: `user:<name>`. */
  readonly actor: string;
  readonly scope: Folders;
}

export interface Page {
  /** Only the lines about this agent, by its id; otherwise about all agents that the reader may see. */
  readonly agent?: string | undefined;
  /** Lines after this one, oldest first. */
  readonly after?: number | undefined;
  /** Lines before this one, newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Lines searched in one query: few match a small folder, and other requests must not be blocked. */
const searchedAtOnce = 5000;
const maxNamedInLine = 20;

export async function partOfAudit(database: Database, reader: Reader, page: Page): Promise<AuditLine[]> {
  const { read } = database;
  const end = (await chainHead(read)).id + 1;
  const found: PartialRow[] = [];
  for (const span of spansOf(page, end)) {
    const limit = page.limit - found.length;
    found.push(...(await partialLines(read, reader, { ...span, agent: page.agent?.toLowerCase(), limit })));
    if (found.length >= page.limit) break;
    await setImmediate();
  }
  return Promise.all(found.map((row) => shownTo(database, reader, row)));
}

interface Slice {
  readonly from: number;
  readonly to: number;
  readonly order: 'asc' | 'desc';
}

/** Slices of ids to search, in the order of the page; `to` is exclusive. */
function* spansOf({ after, before }: Page, end: number): Generator<Slice> {
  if (after !== undefined) {
    for (let from = after + 1; from < end; from += searchedAtOnce) {
      yield { from, to: Math.min(end, from + searchedAtOnce), order: 'asc' };
    }
    return;
  }
  for (let to = Math.min(before ?? end, end); to > 1; to -= searchedAtOnce) {
    yield { from: Math.max(1, to - searchedAtOnce), to, order: 'desc' };
  }
}

async function shownTo(database: Database, { actor, scope }: Reader, row: PartialRow): Promise<AuditLine> {
  const { id, at, actor: by, source, act, target, outcome, detail, request_id: requestId, elsewhere } = row;
  const line = { id, at, actor: by, source, act, outcome, requestId, hash: '' };
  if (by === actor || elsewhere === 0) return { ...line, target, detail };
  const names = await namesOnLine(database.read, id, scope, maxNamedInLine + 1);
  const more = names.length > maxNamedInLine ? ' and more of yours' : '';
  const own = names.slice(0, maxNamedInLine).join(', ');
  return { ...line, target: `${own}${more}`, detail: 'It also affected endpoints outside your folders.' };
}
