/** Turns what the threads report into matches for the enforcer, and counts the openings without a decision. */
import type { Log } from '../log.ts';
import { messageOf } from '../message-of.ts';
import type { Match, MatchMessage } from '../ipc/worker-messages.ts';
import { withRemark } from '../ipc/outbox.ts';
import { Coalescer } from './coalescer.ts';
import type { CoalescedMatch } from './coalescer.ts';
import { fileToQuarantine, matchFrom } from './match.ts';
import type { PendingEvent } from './reader/pending-events.ts';
import type { ThreadMessage } from './threads.ts';
import { UserNames } from './user-names.ts';

/** Processes that end as soon as they are refused, by the thousand, must not fill our memory with their names. */
const maxUnfinished = 500;

export interface MatchReporterOptions {
  readonly send: (message: MatchMessage) => void;
  readonly log: Log;
  readonly deadlineMs: () => number;
}

export class MatchReporter {
  readonly users = new UserNames();
  readonly #options: MatchReporterOptions;
  readonly #coalescer = new Coalescer();
  #undecided = 0;
  #unfinished = 0;
  #dropped = 0;

  constructor(options: MatchReporterOptions) {
    this.#options = options;
  }

  /** Openings that were allowed or refused without a decision, since the start. */
  get undecided(): number {
    return this.#undecided;
  }

  /** There is no match, for nobody knows the file. If its digest is found to be listed afterwards, there will be one. */
  reportUndecided({ kind, pid }: PendingEvent, message: string): void {
    this.#undecided += 1;
    this.#options.log('undecided', { kind, pid, message });
  }

  receive(message: Exclude<ThreadMessage, { type: 'ready' }>): void {
    const { log, deadlineMs } = this.#options;
    if (message.type === 'unreadable') return log('unreadable', { message: message.message });
    if (message.type === 'overloaded') {
      this.#undecided += 1;
      return log('undecided', { message: 'Too many large files were opened at once; one was allowed.' });
    }
    if (this.#unfinished >= maxUnfinished) {
      this.#dropped += 1;
      return;
    }
    this.#unfinished += 1;
    matchFrom(message, this.users, Date.now(), deadlineMs())
      .then((match) => this.#add(match, fileToQuarantine(message)))
      .catch((error: unknown) => log('not reported', { message: messageOf(error) }))
      .finally(() => (this.#unfinished -= 1));
  }

  /** Sends what has waited for its minute to end at `now`. */
  flush(now: number): void {
    this.#send(this.#coalescer.due(now));
  }

  #add(match: Match, file: string | undefined): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    const loss = dropped === 0 ? null : `${dropped} more came too fast to be reported.`;
    this.#send(this.#coalescer.add(withRemark(match, loss), Date.now(), file));
  }

  #send(matches: readonly CoalescedMatch[]): void {
    for (const { match, further } of matches) this.#options.send({ type: 'match', match, ...(further && { further }) });
  }
}
