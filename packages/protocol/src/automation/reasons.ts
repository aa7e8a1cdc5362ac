/**
 * The reasons for which a call can be refused, and the codes of each on the wire.
 *
 * One table for both envelopes, from the vendor's result codes and error codes (contract 1.6, 2.1, 2.2). Programs
 * switch on the reason or the numbers; the message is for people and may change.
 */

/** The codes of one reason in the "result" envelope and in the "Data/Meta" envelope. */
export interface ReasonCodes {
  /** `result_code`, and the HTTP status beside it. */
  readonly resultCode: number;
  readonly resultStatus: number;
  /** `Meta.ErrorCode`, and the HTTP status beside it. */
  readonly errorCode: number;
  readonly metaStatus: number;
  /** What the reason is, in a few words. */
  readonly description: string;
}

/** Every reason. Where the vendor documents no number for an envelope, docs/protocol/choices.md says what was chosen. */
export const reasons = {
  'token-missing': row(-2, 401, 14, 401, 'No authorization token was supplied'),
  'token-malformed': row(-3, 401, 15, 401, 'The authorization token is malformed'),
  'version-unsupported': row(-4, 401, 16, 401, 'The token version is not supported'),
  'application-unknown': row(-5, 401, 17, 401, 'The application ID is not valid'),
  'application-disabled': row(-5, 401, 17, 401, 'The application is disabled'),
  'token-expired': row(-6, 401, 18, 401, 'The token has expired'),
  'signature-invalid': row(-7, 401, 19, 401, 'The token signature is not valid'),
  'checksum-invalid': row(-8, 401, 20, 401, 'The request checksum is not valid'),
  'algorithm-unsupported': row(-9, 401, 21, 401, 'The signing algorithm is not supported'),
  'parameter-invalid': row(-21, 400, 7, 400, 'A parameter is not valid'),
  'action-invalid': row(-22, 400, 22, 405, 'The action is not valid'),
  'method-unsupported': row(-50, 405, 23, 405, 'The HTTP method is not supported here'),
  'route-unknown': row(-21, 404, 7, 404, 'There is no such resource'),
  'body-too-large': row(-21, 413, 12, 413, 'The request body is too large'),
  'several-match': row(-102, 400, 7, 400, 'Several agents match and that was not allowed'),
  'guard-too-many': row(-102, 400, 10, 403, 'The guard wants a second person for so many endpoints'),
  'guard-protected': row(-103, 400, 10, 403, 'The guard wants a second person for this endpoint'),
  'server-unknown': row(-105, 400, 7, 400, 'The target server was not found'),
  'objects-full': row(-1101, 400, 12, 413, 'The list of suspicious objects is full'),
  'file-unusable': row(-1102, 400, 11, 400, 'Nothing to match could be made from the uploaded file'),
  'listing-refused': row(-21, 403, 7, 403, 'This object would hit the endpoints or the server themselves'),
  'listing-needs-confirmation': row(
    -21,
    409,
    7,
    409,
    'This object may hit more than what is suspicious; ask again to list it',
  ),
  'server-busy': row(-99, 503, 2, 503, 'The server cannot take the request now'),
  internal: row(-99, 500, 99, 500, 'Internal server error'),
} as const satisfies Record<string, ReasonCodes>;

export type Reason = keyof typeof reasons;

/** The description that goes with success (contract 2.1). */
export const successDescription = 'Operation successful';

/** A refused call, for a reason that the caller can fix. Anything else thrown is a bug, and a 500. */
export class Refusal extends Error {
  readonly reason: Reason;

  /** `message` says what, how much and what to do; it never holds a key, a token or file content. */
  constructor(reason: Reason, message: string) {
    super(message);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

/** The reasons that carry this `result_code`; several may share one. Empty for a code that Cordon never sends. */
export function reasonsWithResultCode(resultCode: number): Reason[] {
  return reasonNames().filter((reason) => reasons[reason].resultCode === resultCode);
}

/** The reasons that carry this `Meta.ErrorCode`. */
export function reasonsWithErrorCode(errorCode: number): Reason[] {
  return reasonNames().filter((reason) => reasons[reason].errorCode === errorCode);
}

function reasonNames(): Reason[] {
  return Object.keys(reasons).filter((name): name is Reason => name in reasons);
}

// A table reads best one line a row, so the columns are positional here and nowhere else.
// oxlint-disable-next-line max-params -- see above
function row(
  resultCode: number,
  resultStatus: number,
  errorCode: number,
  metaStatus: number,
  description: string,
): ReasonCodes {
  return { resultCode, resultStatus, errorCode, metaStatus, description };
}
