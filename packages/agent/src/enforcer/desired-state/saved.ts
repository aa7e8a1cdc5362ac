/** Reads and writes the desired state on disk; a disk failure never stops it from being applied. */
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { verifyDesiredState } from './verify.ts';
import type { Addressee, VerifiedState } from './verify.ts';
import type { State } from '../state/state.ts';

interface Place {
  readonly state: State;
  readonly log: Log;
}

/** The newest genuine one; undefined when there is none. */
export function loadDesiredState({ state, log }: Place, addressee: Addressee): VerifiedState | undefined {
  let newest: VerifiedState | undefined;
  for (const saved of state.desired()) {
    const verified = verifyDesiredState(saved, addressee, newest);
    if (verified.kind === 'follow') newest = verified.next;
    else if (verified.kind === 'refuse') log('saved desired state refused', { message: verified.message });
  }
  if (newest === undefined) log('no saved desired state');
  return newest;
}

/** Keeps the desired state in force on disk, and tries again when the disk does not take it. */
export class SavedState {
  readonly #place: Place;
  #problem: Problem;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Why it is not on disk: it is in force all the same, and the server sends it again after a reboot. */
  get problem(): Problem {
    return this.#problem;
  }

  save({ signed }: VerifiedState): undefined {
    const problem = this.#write(signed);
    if (problem !== this.#problem) this.#place.log('desired state saved', { problem });
    this.#problem = problem;
  }

  /** For one that was loaded: it may be remembered until the next boot only. */
  loaded(current: VerifiedState): void {
    if (this.#place.state.isUnsaved) this.save(current);
  }

  /** True when it is on disk only now. */
  retry(current: VerifiedState | undefined): boolean {
    if (this.#problem === undefined || !current) return false;
    this.save(current);
    return this.#problem === undefined;
  }

  #write(signed: VerifiedState['signed']): Problem {
    try {
      this.#place.state.saveDesired(signed);
      return undefined;
    } catch (error) {
      return `The desired state is in force but could not be saved; a reboot would lose it: ${messageOf(error)}`;
    }
  }
}
