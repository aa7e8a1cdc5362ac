/** How far the detections of each part are known, so that one that is said again is not kept twice. */
import type { Source } from './segment.ts';

/** Of each part, the process that spoke last and its highest number. */
export type DetectedByWorker = Readonly<Record<string, { readonly session: string; readonly number: number }>>;

export function isSeen(seen: DetectedByWorker, from: Source): boolean {
  const last = seen[from.part];
  return last?.session === from.session && from.number <= last.number;
}

export function withSeen(seen: DetectedByWorker, from: Source | undefined): DetectedByWorker {
  if (!from || isSeen(seen, from)) return seen;
  return { ...seen, [from.part]: { session: from.session, number: from.number } };
}
