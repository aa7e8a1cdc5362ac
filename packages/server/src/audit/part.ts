/**
 * The part of the audit that is told to whoever is limited to folders: lines about agents in them, and what they did
 * themselves. A line about others as well is told of the own agents only. Nobody can verify a part, so it has no hashes.
 */
import { setImmediate } from 'node:timers/promises';
import type { AuditLine } from '@cordon/protocol/console';
import type { Folders } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { chainHead, namesOnLine, partialLines } from './queries.ts';
import type { PartialRow } from './queries.ts';

/** Whose part it is. */
export interface Reader {
  /** As lines name them: `user:<name>`. */
  readonly actor: string;
  readonly scope: Folders;
}

export interface Page {
  /** The lines about this agent, by its id; about any that the reader reaches otherwise. */
  readonly agent?: string | undefined;
  /** What follows this line, oldest first. */
  readonly after?: number | undefined;
  /** What comes before this line, newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Lines looked through in one query: of a small folder few fit, and others must get their turn in between. */
const searchedAtOnce = 5000;
const namedInLine = 20;

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

/** Ids to look through, slice by slice in the order of the page; `to` is left out of its slice. */
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
  const names = await namesOnLine(database.read, id, scope, namedInLine + 1);
  const more = names.length > namedInLine ? ' and more of yours' : '';
  const own = names.slice(0, namedInLine).join(', ');
  return { ...line, target: `${own}${more}`, detail: 'It was of endpoints outside of your folders, too.' };
}
