/** Detections summed up for plots. */
import type { DetectionSummary } from '@cordon/protocol/console';
import type { Database } from '../database/database.ts';
import { actionCounts, objectCounts } from './queries.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const widths = [minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour, day, 7 * day, 30 * day];
const mostBuckets = 60;
const defaultSpan = day;
/** A longer one is cut off at its beginning. */
const longestSpan = mostBuckets * 30 * day;
const mostObjects = 20;
/** Objects are ranked among the newest detections: counting all of a long time would hold everybody else up. */
const rankedAmong = 50_000;

/** The counts from `since` to before `until`, in buckets that begin at round times. */
export async function detectionSummary(
  database: Database,
  given: { since: number | undefined; until: number | undefined },
  now: number,
): Promise<DetectionSummary> {
  const until = given.until ?? now + 1;
  const since = Math.max(0, until - longestSpan, given.since ?? until - defaultSpan);
  const bucket = widths.find((width) => (until - since) / width <= mostBuckets) ?? 30 * day;
  const buckets: DetectionSummary['buckets'] = [];
  for (let at = Math.floor(since / bucket) * bucket; at < until; at += bucket) {
    const rows = await actionCounts(database.read, Math.max(at, since), Math.min(at + bucket, until));
    buckets.push({ at, counts: Object.fromEntries(rows.map((row) => [row.action, Math.round(row.count)])) });
    await new Promise(setImmediate);
  }
  const among = { among: rankedAmong, limit: mostObjects };
  const objects = await objectCounts(database.read, { from: since, to: until }, among);
  return { bucket, buckets, objects };
}
