/** Keeps the detections of a part until the enforcer has them on disk, and drops the oldest when they are too many. */
import type { Found } from './worker-messages.ts';
import { remarked } from './remark.ts';

/** A detection has a few kilobytes at most: 32 processes with their command lines are the exception. */
const maxKept = 5000;

export type Kept = Found & { readonly number: number };

export class Outbox {
  #waiting: Kept[] = [];
  #number = 0;
  #dropped = 0;

  get length(): number {
    return this.#waiting.length;
  }

  /** All that must be said again on a new connection, oldest first. */
  get waiting(): readonly Kept[] {
    return this.#waiting;
  }

  add(message: Found): Kept {
    if (this.#waiting.length >= maxKept) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#number += 1;
    const detection = remarked(message.detection, this.#takeLoss());
    const one = { ...message, detection, number: this.#number };
    this.#waiting.push(one);
    return one;
  }

  kept(number: number): void {
    const first = this.#waiting.findIndex((one) => one.number > number);
    this.#waiting = first === -1 ? [] : this.#waiting.slice(first);
  }

  /** Told only while there is room, or the telling itself would be dropped. */
  #takeLoss(): string | null {
    if (this.#dropped === 0 || this.#waiting.length >= maxKept - 1) return null;
    const message = `${this.#dropped} earlier detections were dropped here, because the enforcer took none.`;
    this.#dropped = 0;
    return message;
  }
}
