/** Reads and writes the desired state on disk; a disk failure never stops it from being applied. */
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import { verifyDesiredState } from './verify.ts';
import type { Addressee, VerifiedState } from './verify.ts';
import type { State } from '../state/state.ts';

interface Place {
  readonly state: State;
  readonly log: Log;
}

/** Undefined when there is no genuine one. */
export function loadDesiredState({ state, log }: Place, addressee: Addressee): VerifiedState | undefined {
  try {
    const saved = state.desired();
    const judged = saved && verifyDesiredState(saved, addressee, undefined);
    if (judged?.judgement === 'follow') return judged.order;
    log('saved desired state refused', { message: judged?.judgement === 'refuse' ? judged.message : 'There is none.' });
  } catch (error) {
    log('saved desired state unreadable', { message: messageOf(error) });
  }
  return undefined;
}

/** A message when it could not be saved: it is in force all the same, and the server sends it again after a reboot. */
export function saveDesiredState({ state, log }: Place, order: VerifiedState): string | null {
  try {
    state.saveDesired(order.signed);
    return null;
  } catch (error) {
    const message = `The order is followed but could not be saved; a reboot would lose it: ${messageOf(error)}`;
    log('desired state not saved', { message });
    return message;
  }
}
