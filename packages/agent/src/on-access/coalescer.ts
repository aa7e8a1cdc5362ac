/**
 * Reports the first of like matches at once, and the others of the same minute together.
 *
 * A file that is to be quarantined is reported by itself: the next copy of it must not wait for the minute to end.
 */
import type { Match } from '../ipc/worker-messages.ts';

const windowMs = 60_000;
const maxGroups = 1000;
/** The kernel asks about an execution twice, as an execution and as an opening: the second is not another act. */
const sameActMs = 2000;

interface Group {
  readonly until: number;
  /** How many came after the first, and are not reported yet. */
  further: number;
  newest: Match;
}

export interface CoalescedMatch {
  readonly match: Match;
  /** Counts what came after one that was reported. */
  readonly further: boolean;
}

export class Coalescer {
  readonly #groups = new Map<string, Group>();

  /** Returns what to report now. `file` names the file itself, if it is to be quarantined. */
  add(match: Match, now: number, file = ''): CoalescedMatch[] {
    const key = keyOf(match, file);
    const group = this.#groups.get(key);
    if (group && isSameAct(group.newest, match)) return [];
    if (!group || now >= group.until) {
      const before = group ? this.#close(key, group) : [];
      const crowded = this.#groups.size >= maxGroups ? this.#closeOldest() : [];
      this.#groups.set(key, { until: now + windowMs, further: 0, newest: match });
      return [...before, ...crowded, { match, further: false }];
    }
    group.further += 1;
    group.newest = match;
    return [];
  }

  /** What has waited for its minute to end at `now`. */
  due(now: number): CoalescedMatch[] {
    return [...this.#groups].flatMap(([key, group]) => (now >= group.until ? this.#close(key, group) : []));
  }

  #close(key: string, { further, newest }: Group): CoalescedMatch[] {
    this.#groups.delete(key);
    return further === 0 ? [] : [{ match: { ...newest, count: further }, further: true }];
  }

  #closeOldest(): CoalescedMatch[] {
    for (const [key, group] of this.#groups) return this.#close(key, group);
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
    at - before.at < sameActMs
  );
}
