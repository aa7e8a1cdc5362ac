/** Tracks which detections of each worker are known, so that one sent twice is kept once. */
import type { Source } from './segment.ts';

/** For each worker, its latest process and that process's highest number. */
export type DetectedByWorker = Readonly<Record<string, { readonly session: string; readonly number: number }>>;

export function isSeen(seen: DetectedByWorker, from: Source): boolean {
  const last = seen[from.worker];
  return last?.session === from.session && from.number <= last.number;
}

export function withSeen(seen: DetectedByWorker, from: Source | undefined): DetectedByWorker {
  if (!from || isSeen(seen, from)) return seen;
  return { ...seen, [from.worker]: { session: from.session, number: from.number } };
}
