/**
 * How far one may go on after a connection broke. Syslog over TCP acknowledges nothing: what was written may lie in a
 * buffer that died with the collector. So a line counts as arrived only when the connection has stood for a while
 * after it, and after a break what is younger than that is sent again. Pure.
 */
import type { Break } from './connection.ts';

/** The last event, and the last line of the audit, that was sent. */
export interface Position {
  readonly cursor: number;
  readonly auditCursor: number;
}

/** A collector that ends in order has read what was sent longer ago. */
const settles = 5000;
/** Linux tries to reach a host that has vanished for some 15 minutes, and all that time writing seems to succeed. */
const vanishes = 16 * 60_000;
const grain = 1000;

export class DeliveryCursor {
  /** Where each second of sending began, for as long as it may be needed. */
  readonly #steps: { at: number; from: Position }[] = [];
  #position: Position;

  constructor(start: Position) {
    this.#position = start;
  }

  get position(): Position {
    return this.#position;
  }

  /** What was just written, at `now` on a clock that only grows, reaches to there. */
  advance(to: Position, now: number): void {
    const last = this.#steps.at(-1);
    if (last === undefined || now - last.at >= grain) this.#steps.push({ at: now, from: this.#position });
    this.#position = to;
    while (this.#steps[0] !== undefined && now - this.#steps[0].at > vanishes + grain) this.#steps.shift();
  }

  /** How far everything has arrived, as long as the connection stands. */
  arrived(now: number): Position {
    return this.#before(now - settles) ?? this.#position;
  }

  /** Goes back to where nothing was lost for certain. */
  goBack(how: Break, now: number): Position {
    this.#position = this.#before(now - (how.isClean ? settles : vanishes)) ?? this.#position;
    this.#steps.length = 0;
    return this.#position;
  }

  #before(moment: number): Position | undefined {
    // A step holds up to a second of sending after its beginning.
    return this.#steps.find((step) => step.at + grain > moment)?.from;
  }
}
