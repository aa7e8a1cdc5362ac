/** Answers for threads that have not decided in time. Runs in the main thread. */
import type { Group } from '../../kernel/fanotify.ts';
import { slotCount, answerLate, pendingEventAt, isWaiting, turnOf } from './pending-events.ts';
import type { PendingEvent, PendingEvents, LateAnswer } from './pending-events.ts';

/** Looks per deadline: an answer comes early by one look, and never late. */
const looksPerDeadline = 10;

export interface Overdue {
  readonly number: number;
  readonly one: PendingEvent;
  readonly late: LateAnswer;
}

/** Milliseconds between two looks. */
export function lookIntervalMs(deadline: number): number {
  return Math.max(5, Math.floor(deadline / looksPerDeadline));
}

export class Deadlines {
  readonly #pendingEvents: PendingEvents;
  readonly #turn = new Int32Array(slotCount).fill(-1);
  readonly #since = new Float64Array(slotCount);

  constructor(pendingEvents: PendingEvents) {
    this.#pendingEvents = pendingEvents;
  }

  /** Answers what is due at `now`, and returns it. A written file blocks nobody, but its reader may be stuck. */
  look(group: Group, deadline: number, now: number): Overdue[] {
    const overdue: Overdue[] = [];
    for (let number = 0; number < slotCount; number += 1) {
      if (!isWaiting(this.#pendingEvents, number)) continue;
      const turn = turnOf(this.#pendingEvents, number);
      if (this.#turn[number] !== turn) {
        this.#turn[number] = turn;
        this.#since[number] = now;
      } else if (now - (this.#since[number] ?? now) >= deadline - lookIntervalMs(deadline)) {
        const one = pendingEventAt(this.#pendingEvents, number);
        const late = one && answerLate(this.#pendingEvents, group, number);
        if (one && late) overdue.push({ number, one, late });
      }
    }
    return overdue;
  }

  /** Whether a reader has finished the event that it was overdue with. */
  hasMovedOn(number: number, turn: number): boolean {
    return pendingEventAt(this.#pendingEvents, number) === undefined || turnOf(this.#pendingEvents, number) !== turn;
  }
}
