/** Reads and writes the order on disk, and never lets a disk get in the way of an order. */
import type { Log } from '../../log.ts';
import { sentenceOf } from '../../message-of.ts';
import { judge } from './verify.ts';
import type { Addressee, Order } from './verify.ts';
import type { State } from '../state/state.ts';

interface Place {
  readonly state: State;
  readonly log: Log;
}

/** Undefined when there is none that is genuine. */
export function savedOrder({ state, log }: Place, addressee: Addressee): Order | undefined {
  try {
    const saved = state.wanted();
    const judged = saved && judge(saved, addressee, undefined);
    if (judged?.judgement === 'follow') return judged.order;
    log('saved order refused', { sentence: judged?.judgement === 'refuse' ? judged.sentence : 'There is none.' });
  } catch (error) {
    log('saved order unreadable', { sentence: sentenceOf(error) });
  }
  return undefined;
}

/** A sentence when the order could not be saved: it is in force all the same, and will be sent again after a reboot. */
export function saveOrder({ state, log }: Place, order: Order): string | null {
  try {
    state.saveWanted(order.signed);
    return null;
  } catch (error) {
    const sentence = `The order is followed but could not be saved; a reboot would lose it: ${sentenceOf(error)}`;
    log('order not saved', { sentence });
    return sentence;
  }
}
