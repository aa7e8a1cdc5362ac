/** Detections summed up for charts. */
import type { DetectionSummary } from '@cordon/protocol/console';
import type { Folders } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { actionCounts, agentObjectCounts, objectCounts } from './count-queries.ts';
import type { ObjectCount } from './count-queries.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const widths = [minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 30 * day];
const maxBuckets = 60;
const defaultSpanMs = day;
/** A longer span is cut at its beginning. */
const maxSpanMs = maxBuckets * 30 * day;
const maxObjects = 20;
/** Objects are ranked among the newest detections: counting a long span would block other requests. */
const rankedAmong = 50_000;

/** The counts from `since` to before `until`, in buckets that begin at round times. */
export async function detectionSummary(
  database: Database,
  given: { since: number | undefined; until: number | undefined; scope: Folders },
  now: number,
): Promise<DetectionSummary> {
  const until = given.until ?? now + 1;
  const since = Math.max(0, until - maxSpanMs, given.since ?? until - defaultSpanMs);
  const bucket = widths.find((width) => (until - since) / width <= maxBuckets) ?? 30 * day;
  const buckets: DetectionSummary['buckets'] = [];
  for (let at = Math.floor(since / bucket) * bucket; at < until; at += bucket) {
    const time = { from: Math.max(at, since), to: Math.min(at + bucket, until) };
    const rows = await actionCounts(database.read, time, given.scope);
    buckets.push({ at, counts: Object.fromEntries(rows.map((row) => [row.action, Math.round(row.count)])) });
    await new Promise(setImmediate);
  }
  const time = { from: since, to: until };
  if (given.scope.length > 0) {
    return { bucket, buckets, objects: await objectsInScope(database, { ...time, bucket }, given.scope) };
  }
  const among = { among: rankedAmong, limit: maxObjects };
  return { bucket, buckets, objects: await objectCounts(database.read, time, among) };
}

/**
 * The objects detected most on agents in the scope. It goes bucket by bucket from the newest: for a small scope, the
 * newest detections may reach far back, and other requests must not be blocked.
 */
async function objectsInScope(
  { read }: Database,
  { from, to, bucket }: { from: number; to: number; bucket: number },
  scope: Folders,
): Promise<ObjectCount[]> {
  const sums = new Map<string, { count: ObjectCount; agents: Set<number> }>();
  let lines = 0;
  for (let end = to; end > from && lines < rankedAmong; end -= bucket) {
    for (const row of await agentObjectCounts(read, { from: Math.max(from, end - bucket), to: end }, scope)) {
      const key = `${row.type} ${row.content}`;
      const before = sums.get(key);
      const agents = (before?.agents ?? new Set()).add(row.agent);
      const count = (before?.count.count ?? 0) + row.count;
      sums.set(key, { count: { type: row.type, content: row.content, count, agents: agents.size }, agents });
      lines += row.lines;
    }
    await new Promise(setImmediate);
  }
  const counts = [...sums.values()].map((sum) => sum.count).sort((a, b) => b.count - a.count);
  return counts.slice(0, maxObjects);
}
