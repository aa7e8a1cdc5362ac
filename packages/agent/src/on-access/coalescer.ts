/**
 * Tells the first of like detections at once, and the others of the same minute together.
 *
 * What is to be taken away is told of each file: nobody may have to wait for the minute to end before the next copy of it
 * is taken.
 */
import type { Match } from '../ipc/worker-messages.ts';

const span = 60_000;
const maxKinds = 1000;
/** An execution is asked about twice, as an execution and as an opening: the second is no further act. */
const sameAct = 2000;

interface Kind {
  readonly until: number;
  /** Of what came after the first, and is not told yet. */
  further: number;
  newest: Match;
}

export interface CoalescedMatch {
  readonly detection: Match;
  /** Counts what came after one that was told. */
  readonly further: boolean;
}

export class Coalescer {
  readonly #kinds = new Map<string, Kind>();

  /** What is to be told now. `file` names the file itself, if it is to be taken away. */
  add(match: Match, now: number, file = ''): CoalescedMatch[] {
    const key = keyOf(match, file);
    const kind = this.#kinds.get(key);
    if (kind && isSameAct(kind.newest, match)) return [];
    if (!kind || now >= kind.until) {
      const before = kind ? this.#close(key, kind) : [];
      const crowded = this.#kinds.size >= maxKinds ? this.#closeOldest() : [];
      this.#kinds.set(key, { until: now + span, further: 0, newest: match });
      return [...before, ...crowded, { detection: match, further: false }];
    }
    kind.further += 1;
    kind.newest = match;
    return [];
  }

  /** What has waited for its minute to end; all of it when we end ourselves. */
  due(now: number): CoalescedMatch[] {
    return [...this.#kinds].flatMap(([key, kind]) => (now >= kind.until ? this.#close(key, kind) : []));
  }

  #close(key: string, { further, newest }: Kind): CoalescedMatch[] {
    this.#kinds.delete(key);
    return further === 0 ? [] : [{ detection: { ...newest, count: further }, further: true }];
  }

  #closeOldest(): CoalescedMatch[] {
    for (const [key, kind] of this.#kinds) return this.#close(key, kind);
    return [];
  }
}

function keyOf({ object, action, file, process }: Match, itself: string): string {
  return JSON.stringify([object.content, action, file?.path.bytes ?? file?.path.text, process?.executable, itself]);
}

function isSameAct(before: Match, { detectedBy, process, at }: Match): boolean {
  return (
    detectedBy === 'open' &&
    before.detectedBy === 'execute' &&
    before.process?.pid === process?.pid &&
    at - before.at < sameAct
  );
}
