/** Merges three lists, each with its own paging, into one history ordered by time. */
import { auditPageShape, commandListShape, detectionPageShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { detailInWords } from '../audit/detail-text.ts';
import { read, withQuery } from '../calls/call.ts';
import { tookOf } from '../widgets/moment.tsx';
import { actorInWords, inWords } from '../words/words.ts';

export interface Happened {
  readonly key: string;
  readonly at: number;
  readonly what: string;
  readonly who: string;
  readonly detail: string;
}

/** One of the lists, as far as it is loaded. */
export interface Source {
  readonly load: (agent: string, before: number | undefined) => Promise<SourcePage>;
  readonly events: readonly Happened[];
  /** Cursor of its next page; null when all of it is loaded. */
  readonly next: number | null | undefined;
}

interface SourcePage {
  readonly events: readonly Happened[];
  readonly next: number | null;
}

const pageSize = 100;

/** The state before anything is loaded. */
export const unread: readonly Source[] = [commandsOf, detectionsOf, auditOf].map((load) => ({
  load,
  events: [],
  next: undefined,
}));

/** Loads the next page of each list that may hold the next entry; the others wait. */
export async function older(sources: readonly Source[], agent: string): Promise<readonly Source[]> {
  const edge = edgeOf(sources);
  return Promise.all(
    sources.map(async (source) => {
      if (source.next === null || lastOf(source) < edge) return source;
      const page = await source.load(agent, source.next);
      return { ...source, events: [...source.events, ...page.events], next: page.next };
    }),
  );
}

/** Adds what is new. Entries that are loaded stay, and are updated where the new pages overlap them. */
export async function newer(sources: readonly Source[], agent: string): Promise<readonly Source[]> {
  return Promise.all(
    sources.map(async (source) => {
      const page = await source.load(agent, undefined);
      const fresh = new Set(page.events.map((event) => event.key));
      // Without an overlap, entries in between could be missing.
      if (!source.events.some((event) => fresh.has(event.key))) return { ...source, ...page };
      const kept = source.events.filter((event) => !fresh.has(event.key));
      return { ...source, events: [...page.events, ...kept] };
    }),
  );
}

/** Newest first, only as far back as every list is loaded. */
export function eventsOf(sources: readonly Source[]): Happened[] {
  const edge = edgeOf(sources);
  const known = sources.flatMap((source) => source.events).filter((event) => event.at >= edge);
  return known.toSorted((a, b) => b.at - a.at);
}

export function hasOlder(sources: readonly Source[]): boolean {
  return sources.some((source) => source.next !== null);
}

/** Entries older than this may be missing, because some list is not loaded that far. */
function edgeOf(sources: readonly Source[]): number {
  return Math.max(...sources.map((source) => (source.next === null ? -Infinity : lastOf(source))));
}

function lastOf({ events }: Source): number {
  return events.at(-1)?.at ?? Infinity;
}

async function commandsOf(agent: string, before: number | undefined): Promise<SourcePage> {
  const path = withQuery(consolePaths.commands, { agent, before, limit: pageSize });
  const { commands, next } = await read(commandListShape, 'GET', path);
  const events = commands.map((one) => ({
    key: `command ${one.id}`,
    at: one.requestedAt,
    what: inWords(one.act),
    who: `requested by ${actorInWords(one.requestedBy)}`,
    detail: [
      inWords(one.state),
      one.finishedAt === null ? '' : `after ${tookOf(one.finishedAt - one.requestedAt)}`,
      one.outcome ?? '',
    ]
      .filter((part) => part !== '')
      .join(', '),
  }));
  return { events, next };
}

async function detectionsOf(agent: string, before: number | undefined): Promise<SourcePage> {
  const path = withQuery(consolePaths.detections, { agent, before, limit: pageSize });
  const { detections, next } = await read(detectionPageShape, 'GET', path);
  const events = detections.map((one) => ({
    key: `detection ${one.id}`,
    at: one.receivedAt,
    what: `Detection: ${inWords(one.object.type)} ${one.object.content}`,
    who: `${inWords(one.detectedBy)}, ${inWords(one.action).toLowerCase()}`,
    detail: one.file?.path.text ?? '',
  }));
  return { events, next };
}

async function auditOf(agent: string, before: number | undefined): Promise<SourcePage> {
  const path = withQuery(consolePaths.audit, { agent, before, limit: pageSize });
  const { lines, next } = await read(auditPageShape, 'GET', path);
  const events = lines.map((line) => ({
    key: `audit ${line.id}`,
    at: line.at,
    what: `Audit: ${inWords(line.act)}`,
    who: `${actorInWords(line.actor)}, ${inWords(line.outcome).toLowerCase()}`,
    detail: detailInWords(line.detail),
  }));
  return { events, next };
}
