/** How a command ends: exit codes, and the failure for a person or a program. */
import { CordonError, NetworkError, RefusedError } from '@cordon/sdk/automation';
import type { CordonErrorKind } from '@cordon/sdk';
import { proxyFor } from '../world/proxy.ts';
import { OutputFailure } from '../world/output-failure.ts';
import { jsonText, printable } from '../text/text.ts';

/** Documented in README.md; scripts rely on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  nothingMatched: 3,
  refused: 4,
  network: 5,
  timedOut: 6,
  waitsForApproval: 7,
  /** An agent was skipped, or an ID matched none. */
  partlyDone: 8,
  interrupted: 130,
  /** 128 + SIGPIPE, as a shell reports programs whose reader has closed. */
  unread: 141,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byKind: Record<CordonErrorKind, ExitCode> = {
  refused: exitCodes.refused,
  network: exitCodes.network,
  // Something else answered, which is the same as not reaching the server.
  protocol: exitCodes.network,
  timeout: exitCodes.timedOut,
  aborted: exitCodes.interrupted,
  failed: exitCodes.failed,
  usage: exitCodes.usage,
};

/** A failure of the command line itself. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  readonly hint: string;

  constructor(exitCode: ExitCode, message: string, hint: string) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export function usage(message: string, hint: string): CommandError {
  return new CommandError(exitCodes.usage, message, hint);
}

const ownKinds: Partial<Record<ExitCode, string>> = {
  [exitCodes.usage]: 'usage',
  [exitCodes.nothingMatched]: 'nothing-matched',
  [exitCodes.refused]: 'refused',
  [exitCodes.interrupted]: 'aborted',
};

interface Ending {
  readonly exitCode: ExitCode;
  readonly kind: string;
  readonly message: string;
  readonly hint: string;
}

export function exitCodeOf(error: unknown): ExitCode {
  return endingOf(error).exitCode;
}

/** The failure as text for a person: what happened, then what to do next. */
export function failureText(error: unknown): string {
  const { message, hint } = endingOf(error);
  return `cordon: ${printable(message)}\n${hint === '' ? '' : `${printable(hint)}\n`}`;
}

/** The failure as one JSON document for a program. */
export function failureJson(error: unknown): string {
  const { exitCode, kind, message, hint } = endingOf(error);
  const refused =
    error instanceof RefusedError
      ? { httpStatus: error.httpStatus, family: error.family, code: error.code, reasons: error.reasons }
      : {};
  return jsonText({ error: { kind, message, hint, exitCode, ...refused } });
}

function endingOf(error: unknown): Ending {
  if (error instanceof CommandError) {
    const { exitCode, message, hint } = error;
    return { exitCode, message, hint, kind: ownKinds[exitCode] ?? 'failed' };
  }
  if (error instanceof CordonError) {
    return { exitCode: exitCodeFor(error), kind: error.kind, message: error.message, hint: hintOf(error) };
  }
  if (error instanceof OutputFailure) {
    const { message, hint, readerLeft } = error;
    return { exitCode: readerLeft ? exitCodes.unread : exitCodes.failed, kind: 'failed', message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: exitCodes.failed,
    kind: 'bug',
    message,
    hint: 'This is a bug in cordon; please report it.',
  };
}

/** The console API reports what does not exist; the Automation API answers with an empty list. */
function exitCodeFor(error: CordonError): ExitCode {
  const absent = error instanceof RefusedError && error.family === 'console' && error.httpStatus === 404;
  return absent ? exitCodes.nothingMatched : byKind[error.kind];
}

const askAnother = '"cordon approvals list" shows actions awaiting approval.';

/** Whether the server was reached but its certificate is not trusted. */
export function isAboutTrust(error: unknown): boolean {
  return error instanceof NetworkError && /CERT|SIGNATURE|ISSUER|ALTNAME|FINGERPRINT/.test(error.code);
}

/** The SDK's hints are for programmers; these name the command to type. */
export function hintOf(error: CordonError): string {
  if (error instanceof NetworkError && error.proxy !== undefined) {
    const { variable = 'HTTPS_PROXY' } = proxyFor(`https://${error.host}`) ?? {};
    return `${variable} sets this proxy: correct it, or add the server to NO_PROXY.`;
  }
  if (error instanceof NetworkError && error.code === 'FINGERPRINT_MISMATCH') {
    return (
      'Nothing was sent. If the certificate was renewed, compare the new fingerprint with what the server prints, and ' +
      'run "cordon login --fingerprint <sha-256>"; if not, somebody may be intercepting the connection.'
    );
  }
  if (isAboutTrust(error)) {
    return (
      'Run "cordon login" with --fingerprint and what the server prints when it starts, ' +
      'with --first-use to review its certificate, or with --ca and the file of your CA.'
    );
  }
  if (error instanceof RefusedError && error.reasons[0] === 'guard-protected') return askAnother;
  if (error instanceof RefusedError && error.reasons[0] === 'several-match') {
    // The guard uses the same code; only its message distinguishes the two.
    return `If several agents match, name one by --entity-id or add --multiple. If it needs approval: ${askAnother}`;
  }
  if (error instanceof RefusedError && error.family === 'console' && error.httpStatus === 401) {
    return 'Run "cordon login --admin <user>".';
  }
  return error.hint;
}
