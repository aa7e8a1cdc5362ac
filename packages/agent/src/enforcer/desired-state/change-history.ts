/** Remembers, over restarts, when orders have isolated or restored this endpoint. */
import { messageOf } from '../../message-of.ts';
import { recentOf } from './admission.ts';
import type { State } from '../state/state.ts';

export class ChangeHistory {
  /** How many there may be within an hour. */
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

  /** A sentence when it could not be saved; it is remembered as long as we live all the same. */
  add(now: number): string | null {
    if (this.allowed === Infinity) return null;
    this.#times = [...recentOf(this.#times, now), now].slice(-this.allowed);
    try {
      this.#state.saveChanges(this.#times);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }
}
