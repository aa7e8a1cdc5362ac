/**
 * Enrolment: one token to copy and paste, one request, one answer.
 *
 * The token has everything an endpoint must know before it trusts anybody: where the gateways are, which public keys
 * they show, which key signs desired states, and a secret that is good for a number of enrolments until it expires.
 */
import { fits } from '../shape/shape.ts';
import { enrolAnswerShape, enrolmentTokenShape } from './enrolment.shape.ts';
import type { EnrolAnswer, EnrolmentToken } from './enrolment.shape.ts';

const prefix = 'cordon1.';

/** The token as the one line that people copy. */
export function writeEnrolmentToken(token: EnrolmentToken): string {
  return prefix + Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** The token in `text`, or an Error for the person who pasted it. */
export function readEnrolmentToken(text: string): EnrolmentToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix))
    throw new Error(
      `An enrolment token starts with "${prefix}"; copy the whole line that "cordon enrol-token" printed.`,
    );
  const value = parsed(Buffer.from(trimmed.slice(prefix.length), 'base64url').toString('utf8'));
  if (!fits(enrolmentTokenShape, value))
    throw new Error('This enrolment token is damaged or cut short; copy the whole line again.');
  return value;
}

/** The server's answer to an enrolment, or an Error. */
export function readEnrolAnswer(text: string): EnrolAnswer {
  const value = parsed(text);
  if (!fits(enrolAnswerShape, value))
    throw new Error('The server answered the enrolment with something else than an enrolment.');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller's message says more than the parser's.
  }
}
