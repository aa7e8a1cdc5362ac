/** Answers the person who typed a break-glass code. */
import type { VerifiedState } from './verify.ts';
import type { Outcome } from './outcome.ts';

export interface CodeAnswer {
  readonly done: boolean;
  readonly message: string;
}

interface Asked {
  readonly current: VerifiedState | undefined;
  readonly outcome: Outcome;
  readonly now: number;
}

/** 12 characters in any common spelling; anything else is a typing error and costs no attempt. */
const form = /^(?:[\s-]*[0-9A-Za-z]){12}[\s-]*$/;

export function answerCode(code: string, { current, outcome, now }: Asked): CodeAnswer {
  const { released } = outcome;
  if (!current || current.policy.isolation === 'normal') return no('This endpoint is not isolated.');
  if (released) {
    return no(`This isolation was released already, at ${timeText(released.at)} by ${released.by}.`);
  }
  const { agent, enrolment, epoch, breakGlass } = current.desired;
  if (breakGlass === undefined)
    return no('No break-glass code was made for this isolation. Only the server can release it.');
  if (!form.test(code)) return no('A break-glass code has 12 letters and digits, as in XXXX-XXXX-XXXX.');
  const tried = outcome.tryCode(code, { agent, enrolment, epoch, digest: breakGlass }, now);
  switch (tried.kind) {
    case 'right':
      return { done: true, message: `The code is right: the isolation of this endpoint (epoch ${epoch}) is released.` };
    case 'wait':
      return no(
        `Too many wrong codes. The next one counts in ${seconds(tried.milliseconds)} s; this one was not tried.`,
      );
    case 'wrong': {
      const next = tried.milliseconds === 0 ? '' : ` The next one counts in ${seconds(tried.milliseconds)} s.`;
      return no(
        `This code is wrong, or is for another isolation than the current one (epoch ${epoch}). It was wrong code number ${tried.count}.${next}`,
      );
    }
  }
}

function no(message: string): CodeAnswer {
  return { done: false, message };
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
