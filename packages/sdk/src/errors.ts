/** Every way a call can fail, with a message and a hint for a person. */
import type { Reason } from '@cordon/protocol/words';

export type CordonErrorKind =
  /** The server read the request and refused it. */
  | 'refused'
  /** No answer: name, address, port, TLS or certificate. */
  | 'network'
  /** An answer that is not from this API. */
  | 'protocol'
  /** Waiting took longer than allowed. */
  | 'timeout'
  /** The caller's signal aborted it. */
  | 'aborted'
  /** An agent is in a state from which it cannot reach the goal. */
  | 'failed'
  /** The request is invalid and was not sent. */
  | 'usage';

export class CordonError extends Error {
  readonly kind: CordonErrorKind;
  /** What to do next; empty if there is nothing to say. */
  readonly hint: string;

  constructor(kind: CordonErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'CordonError';
    this.kind = kind;
    this.hint = options.hint ?? '';
  }
}

/** Which API refused. */
export type Family = 'result' | 'meta' | 'console';

export interface RefusalDetails {
  readonly httpStatus: number;
  readonly family: Family;
  /** `result_code` or `Meta.ErrorCode`; the HTTP status for the console API. */
  readonly code: number;
  /** The reasons that this code can mean, most likely first. */
  readonly reasons: readonly Reason[];
  /** The console API's own reason; empty for the other APIs. */
  readonly word?: string;
  /** The server's message. */
  readonly message: string;
  readonly hint: string;
}

export class RefusedError extends CordonError {
  declare readonly kind: 'refused';
  readonly httpStatus: number;
  readonly family: Family;
  readonly code: number;
  readonly reasons: readonly Reason[];
  /** The console API's own reason, such as `code-required`; empty for the other APIs. */
  readonly word: string;
  /** The server's message, unchanged. */
  readonly serverMessage: string;

  constructor(details: RefusalDetails) {
    super('refused', `The server refused: ${details.message}`, { hint: details.hint });
    this.name = 'RefusedError';
    this.httpStatus = details.httpStatus;
    this.family = details.family;
    this.code = details.code;
    this.reasons = details.reasons;
    this.word = details.word ?? '';
    this.serverMessage = details.message;
  }
}

/** Names the host, so that a person knows which connection failed. */
export class NetworkError extends CordonError {
  declare readonly kind: 'network';
  readonly host: string;
  /** The system's or TLS's own code, `ECONNREFUSED`; `FINGERPRINT_MISMATCH` is ours. */
  readonly code: string;
  /** The proxy, if that is what could not be reached: `proxy.example:3128`. */
  readonly proxy: string | undefined;

  constructor(
    host: string,
    details: { code: string; message: string; hint: string; proxy?: string | undefined; cause?: unknown },
  ) {
    super('network', details.message, details);
    this.name = 'NetworkError';
    this.host = host;
    this.code = details.code;
    this.proxy = details.proxy;
  }
}

export class ProtocolError extends CordonError {
  declare readonly kind: 'protocol';
  readonly httpStatus: number;
  /** The first 200 characters of the answer. */
  readonly excerpt: string;

  constructor(message: string, details: { httpStatus: number; body: string; hint: string }) {
    super('protocol', message, details);
    this.name = 'ProtocolError';
    this.httpStatus = details.httpStatus;
    this.excerpt = details.body.slice(0, 200);
  }
}

/** Every failure; `kind` distinguishes them, and TypeScript narrows by it. */
export type CordonFailure =
  | RefusedError
  | NetworkError
  | ProtocolError
  | (CordonError & { readonly kind: Exclude<CordonErrorKind, 'refused' | 'network' | 'protocol'> });

export function usage(message: string, hint = ''): CordonError {
  return new CordonError('usage', message, { hint });
}

export function aborted(cause?: unknown): CordonError {
  return new CordonError('aborted', 'The call was aborted before the answer came.', { cause });
}
