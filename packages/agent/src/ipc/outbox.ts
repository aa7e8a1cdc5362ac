/** Keeps the matches of a worker until the enforcer has them on disk, and drops the oldest when they are too many. */
import type { MatchMessage } from './worker-messages.ts';

/** A match has a few kilobytes at most: 32 processes with their command lines are the exception. */
const maxWaiting = 5000;
const maxRemark = 500;

export type Waiting = MatchMessage & { readonly number: number };

export class Outbox {
  #waiting: Waiting[] = [];
  #number = 0;
  #dropped = 0;

  /** All that must be sent again on a new connection, oldest first. */
  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  add(message: MatchMessage): Waiting {
    if (this.#waiting.length >= maxWaiting) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#number += 1;
    const match = withRemark(message.match, this.#takeLoss());
    const one = { ...message, match, number: this.#number };
    this.#waiting.push(one);
    return one;
  }

  acknowledge(number: number): void {
    const first = this.#waiting.findIndex((one) => one.number > number);
    this.#waiting = first === -1 ? [] : this.#waiting.slice(first);
  }

  /** Reported only while there is room, or the report itself would be dropped. */
  #takeLoss(): string | null {
    if (this.#dropped === 0 || this.#waiting.length >= maxWaiting - 1) return null;
    const message = `${this.#dropped} earlier detections were dropped here, because the enforcer accepted none.`;
    this.#dropped = 0;
    return message;
  }
}

/** Puts a message before the remark of a match. */
export function withRemark<M extends { readonly remark: string | null }>(match: M, message: string | null): M {
  if (message === null) return match;
  const remark = match.remark === null ? message : `${message} ${match.remark}`;
  return { ...match, remark: remark.slice(0, maxRemark) };
}
