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

/** Undefined when there is no genuine one. */
export function loadDesiredState({ state, log }: Place, addressee: Addressee): VerifiedState | undefined {
  try {
    const saved = state.desired();
    const verified = saved && verifyDesiredState(saved, addressee, undefined);
    if (verified?.kind === 'follow') return verified.next;
    log('saved desired state refused', { message: verified?.kind === 'refuse' ? verified.message : 'There is none.' });
  } catch (error) {
    log('saved desired state unreadable', { message: messageOf(error) });
  }
  return undefined;
}

/** A message when it could not be saved: it is in force all the same, and the server sends it again after a reboot. */
export function saveDesiredState({ state, log }: Place, { signed }: VerifiedState): Problem {
  try {
    state.saveDesired(signed);
    return undefined;
  } catch (error) {
    const message = `The desired state is in force but could not be saved; a reboot would lose it: ${messageOf(error)}`;
    log('desired state not saved', { message });
    return message;
  }
}
