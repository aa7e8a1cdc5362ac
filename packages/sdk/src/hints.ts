/** What to do about each reason of refusal. */
import type { Reason } from '@cordon/protocol/words';
import type { WireAnswer } from './transport/transport.ts';

const hints: Partial<Record<Reason, string>> = {
  'application-unknown': 'Check the application ID, and that the application is enabled on the server.',
  'application-disabled': 'Enable the application on the server.',
  'signature-invalid': 'Check the API key; it may have been rotated since.',
  'checksum-invalid': 'Something between here and the server changes requests: look for a proxy that rewrites paths.',
  'version-unsupported': 'This server speaks another version of the API.',
  'algorithm-unsupported': 'Sign with HS256.',
  'action-invalid': 'This server does not support that action here.',
  'several-match':
    'If several agents match, name one by its entity ID or allow several; ' +
    'if the guard holds the act, a second person must approve it.',
  'guard-too-many': 'A second person must approve it.',
  'guard-protected': 'A second person must approve it.',
  'server-unknown': 'Check the ID of the server to move to; the list of servers has it.',
  'objects-full': 'Remove entries of that type first.',
  'body-too-large': 'The request is too large for the server.',
  'route-unknown': 'Check the URL; this server does not have that call.',
  'listing-refused': 'List a more specific object.',
  'listing-needs-confirmation': 'Send the same request again within 10 minutes to list it anyway.',
  'server-busy': 'Try again in a moment.',
  internal: 'Look at the log of the server.',
};

/** A hint for a reason, as far as possible without the answer; empty if there is none. */
export function hintForReason(reason: Reason): string {
  if (reason === 'token-expired') return 'Compare the clock of the caller with that of the server.';
  return hints[reason] ?? '';
}

/** A hint only for the most likely reason; another one would mislead. */
export function hintFor(reasons: readonly Reason[], answer: WireAnswer, now: number): string {
  if (reasons.includes('token-expired')) return clockHint(answer, now);
  const [likely] = reasons;
  return (likely === undefined ? undefined : hints[likely]) ?? '';
}

/** The Date header has whole seconds, and the answer took a moment: less than this says nothing. */
const noticeableSeconds = 3;

/** Says how far the clocks differ, the usual cause of an expired token. */
function clockHint(answer: WireAnswer, now: number): string {
  const theirs = Date.parse(answer.header('date') ?? '');
  if (Number.isNaN(theirs)) return 'Compare the clock of this computer with that of the server.';
  const seconds = Math.round((now - theirs) / 1000);
  if (Math.abs(seconds) < noticeableSeconds) {
    return (
      'The clocks agree, so the request took too long to arrive: ' +
      'allow a longer communication time-out for the application.'
    );
  }
  const way = seconds > 0 ? 'ahead of' : 'behind';
  return `The clock of this computer is ${Math.abs(seconds)} s ${way} that of the server; synchronize both with a time server.`;
}
