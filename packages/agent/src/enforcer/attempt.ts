/** Keeps one failure from ending the enforcer. */
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';

/** One message that cannot be handled (a full disk, say) must not end the process that holds the tables. */
export function attempt(log: Log, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    log('failed', { what, message: messageOf(error) });
  }
}
