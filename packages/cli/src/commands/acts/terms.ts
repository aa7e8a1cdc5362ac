/** Reads the terms of an isolation from the options. The Automation API has no fields for them. */
import { defined } from '../../command/command.ts';
import type { Invocation, Option } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';
import { duration } from '../../text/text.ts';

export interface Terms {
  readonly forSeconds?: number;
  readonly profile?: string;
  readonly message?: string;
  readonly reason?: string;
}

export const termOptions: readonly Option[] = [
  ['--for <time>', 'Release automatically after this time: 30m, 4h, 2d (Cordon only).'],
  ['--profile <name>', 'Allow what this isolation profile allows (Cordon only).'],
  ['--message <text>', 'Show this to users of the endpoint (Cordon only).'],
  ['--reason <text>', 'Reason, recorded in the audit log (Cordon only).'],
];

const leastSeconds = 10;
const maxSeconds = 31_536_000;

/** Undefined if no option was given. */
export function termsFrom(call: Invocation): Terms | undefined {
  const terms: Terms = defined({
    forSeconds: secondsFrom(call),
    profile: call.option('profile'),
    message: call.option('message'),
    reason: call.option('reason'),
  });
  return Object.keys(terms).length === 0 ? undefined : terms;
}

/** `, for 4 h, under profile "lab"`. */
export function termsSummary({ forSeconds, profile }: Pick<Terms, 'forSeconds' | 'profile'>): string {
  const time = forSeconds === undefined ? '' : `, for ${duration(forSeconds * 1000)}`;
  return profile === undefined ? time : `${time}, under profile "${profile}"`;
}

function secondsFrom(call: Invocation): number | undefined {
  const seconds = call.seconds('for', '30m, 4h or 2d');
  if (seconds === undefined || (seconds >= leastSeconds && seconds <= maxSeconds)) return seconds;
  const message = `An isolation cannot end after ${call.option('for') ?? ''}.`;
  throw usage(message, 'Give --for a time from 10s to 365d, or leave it out.');
}
