/** Keeps the outcome of the desired state in force: who released it, how much tampering, how many wrong codes. */
import { timingSafeEqual } from 'node:crypto';
import { breakGlassDigest } from '@cordon/protocol/channel';
import type { BreakGlassFor, Report } from '@cordon/protocol/channel';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import type { SavedOutcome, State } from '../state/state.ts';

/** This many wrong codes cost no wait; each further one doubles it. */
const freeAttempts = 5;
const firstWaitMs = 30_000;
const maxWaitMs = 3_600_000;

type Released = NonNullable<Report['released']>;

type CodeCheck =
  | { readonly kind: 'right' }
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'wrong'; readonly count: number; readonly milliseconds: number };

export class Outcome {
  readonly #state: State;
  #held: SavedOutcome = { epoch: 0 };
  #unsaved = false;

  constructor(state: State) {
    this.#state = state;
  }

  /** What is known of this desired state: all that was saved of it, or nothing if it is new. */
  begin(epoch: number): void {
    const saved = this.#state.outcome();
    this.#held = saved?.epoch === epoch ? saved : { epoch };
    this.#unsaved = false;
  }

  get released(): Released | undefined {
    return this.#held.released;
  }

  get tampering(): Report['tampering'] {
    return this.#held.tampering;
  }

  /** Wrong codes that no report has contained yet; 0 when there are none. */
  get unreportedCodes(): number {
    return this.#held.wrongCodes?.unreported ?? 0;
  }

  /** Saved at once, so that no restart isolates again. A message when it could not be saved. */
  releaseIsolation(released: Released): Problem {
    this.#change({ ...this.#held, released });
    const failure = this.save();
    return failure && `Released, but that could not be saved; a restart would isolate again: ${failure}`;
  }

  /** In memory first: somebody who tampers a thousand times a second must not cause as many writes. */
  tampered(now: number): void {
    this.#change({ ...this.#held, tampering: { count: (this.#held.tampering?.count ?? 0) + 1, lastAt: now } });
  }

  /** Counted before it is compared: a kill in between must not give a free attempt. */
  tryCode(code: string, isolation: BreakGlassFor & { digest: string }, now: number): CodeCheck {
    const { count = 0, unreported = 0, lastAt = 0 } = this.#held.wrongCodes ?? {};
    // After a clock that was set back the wait starts over; it never becomes longer than it was.
    const left = waitAfter(count) - Math.max(0, now - lastAt);
    if (count > 0 && left > 0) return { kind: 'wait', milliseconds: left };
    const before = this.#held;
    this.#change({ ...before, wrongCodes: { count: count + 1, unreported: unreported + 1, lastAt: now } });
    this.save();
    if (!sameDigest(breakGlassDigest(code, isolation), isolation.digest)) {
      return { kind: 'wrong', count: count + 1, milliseconds: waitAfter(count + 1) };
    }
    this.#change(before);
    return { kind: 'right' };
  }

  /** A report with this many wrong codes was recorded. */
  codesReported(codes: number): void {
    const { wrongCodes } = this.#held;
    if (!wrongCodes || codes === 0) return;
    this.#change({
      ...this.#held,
      wrongCodes: { ...wrongCodes, unreported: Math.max(0, wrongCodes.unreported - codes) },
    });
    this.save();
  }

  /** A message when it could not be saved. */
  save(): Problem {
    if (!this.#unsaved) return undefined;
    try {
      this.#state.saveOutcome(this.#held);
      this.#unsaved = false;
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #change(outcome: SavedOutcome): void {
    this.#held = outcome;
    this.#unsaved = true;
  }
}

function waitAfter(count: number): number {
  return count < freeAttempts ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(30, count - freeAttempts));
}

function sameDigest(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}
