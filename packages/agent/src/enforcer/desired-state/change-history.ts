/** Remembers across restarts when the desired state isolated or released this endpoint. */
import { messageOf } from '../../message-of.ts';
import type { Problem } from '../../problem.ts';
import { recentOf } from './admission.ts';
import type { State } from '../state/state.ts';

export class ChangeHistory {
  /** The limit within an hour. */
  readonly allowed: number;
  readonly #state: State;
  #times: readonly number[];

  constructor(state: State, allowed: number) {
    this.#state = state;
    this.#times = state.changes();
    this.allowed = allowed;
  }

  recent(now: number): number {
    return recentOf(this.#times, now).length;
  }

  /** A message when it could not be saved; it is still remembered while this process lives. */
  add(now: number): Problem {
    if (this.allowed === Infinity) return undefined;
    this.#times = [...recentOf(this.#times, now), now].slice(-this.allowed);
    try {
      this.#state.saveChanges(this.#times);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}
