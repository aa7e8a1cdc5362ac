/**
 * How far delivery has come after a connection broke. Syslog over TCP acknowledges nothing: what was written may be in
 * a buffer that died with the collector. So a line counts as arrived only after the connection has stayed open for a
 * while, and after a break all younger lines are sent again. Pure.
 */
import type { Break } from './connection.ts';

/** The last event and the last audit line that were sent. */
export interface Position {
  readonly cursor: number;
  readonly auditCursor: number;
}

/** A collector that closes cleanly has read everything sent longer ago than this. */
const settledAfterMs = 5000;
/** Linux tries to reach a vanished host for some 15 minutes, and during that time writing seems to succeed. */
const vanishedAfterMs = 16 * 60_000;
const stepMs = 1000;

export class DeliveryCursor {
  /** Where each second of sending began, as long as it may be needed. */
  readonly #steps: { at: number; from: Position }[] = [];
  #position: Position;

  constructor(start: Position) {
    this.#position = start;
  }

  get position(): Position {
    return this.#position;
  }

  /** Everything up to `to` was written at `now`, on a clock that only grows. */
  advance(to: Position, now: number): void {
    const last = this.#steps.at(-1);
    if (last === undefined || now - last.at >= stepMs) this.#steps.push({ at: now, from: this.#position });
    this.#position = to;
    while (this.#steps[0] !== undefined && now - this.#steps[0].at > vanishedAfterMs + stepMs) this.#steps.shift();
  }

  /** Up to where everything has arrived, as long as the connection is open. */
  arrived(now: number): Position {
    return this.#before(now - settledAfterMs) ?? this.#position;
  }

  /** Goes back to the last position before which nothing can be lost. */
  goBack(how: Break, now: number): Position {
    this.#position = this.#before(now - (how.isClean ? settledAfterMs : vanishedAfterMs)) ?? this.#position;
    this.#steps.length = 0;
    return this.#position;
  }

  #before(moment: number): Position | undefined {
    // A step covers up to a second of sending after its beginning.
    return this.#steps.find((step) => step.at + stepMs > moment)?.from;
  }
}
