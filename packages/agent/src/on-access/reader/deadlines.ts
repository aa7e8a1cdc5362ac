/** Answers in the place of threads that have not come to a decision in time. Runs in the main thread, by the clock. */
import type { Group } from '../../kernel/fanotify.ts';
import { allCases, answerLate, caseAt, isWaiting, turnOf } from './pending-events.ts';
import type { Case, Desk, Late } from './pending-events.ts';

/** How often one looks within a deadline: so much of it is the answer early, and never late. */
const looks = 10;

export interface Overdue {
  readonly number: number;
  readonly one: Case;
  readonly late: Late;
}

/** Milliseconds from one look to the next. */
export function lookEvery(deadline: number): number {
  return Math.max(5, Math.floor(deadline / looks));
}

export class Deadlines {
  readonly #desk: Desk;
  readonly #turn = new Int32Array(allCases).fill(-1);
  readonly #since = new Float64Array(allCases);

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Answers what is due at `now`, and tells what it was. A written file waits for nobody, but its reader may be stuck. */
  look(group: Group, deadline: number, now: number): Overdue[] {
    const overdue: Overdue[] = [];
    for (let number = 0; number < allCases; number += 1) {
      if (!isWaiting(this.#desk, number)) continue;
      const turn = turnOf(this.#desk, number);
      if (this.#turn[number] !== turn) {
        this.#turn[number] = turn;
        this.#since[number] = now;
      } else if (now - (this.#since[number] ?? now) >= deadline - lookEvery(deadline)) {
        const one = caseAt(this.#desk, number);
        const late = one && answerLate(this.#desk, group, number);
        if (one && late) overdue.push({ number, one, late });
      }
    }
    return overdue;
  }

  /** Whether a reader has taken another case since it was overdue, or is done with it. */
  hasMovedOn(number: number, turn: number): boolean {
    return caseAt(this.#desk, number) === undefined || turnOf(this.#desk, number) !== turn;
  }
}
