/** Reads an answer of the Automation API: its content or its error, under any HTTP status. */
import { reasonsWithErrorCode, reasonsWithResultCode, reasons as table } from '@cordon/protocol/words';
import type { Reason } from '@cordon/protocol/words';
import { ProtocolError, RefusedError } from './errors.ts';
import type { Family } from './errors.ts';
import { hintFor } from './hints.ts';
import { isRecord, parseJson } from './reading.ts';
import type { WireAnswer } from './transport/transport.ts';

export interface AnswerContext {
  readonly host: string;
  /** Milliseconds since 1970, for the clock hint. */
  readonly now: number;
}

/** The content of an envelope, success or failure. */
interface Opened {
  readonly family: Family;
  readonly succeeded: boolean;
  readonly code: number;
  readonly message: string;
  readonly reasons: readonly Reason[];
  readonly content: unknown;
}

/** What a successful answer holds. */
export interface Content {
  /** `result_content` or `Data`. */
  readonly content: unknown;
  /** The server's remark: some servers say here that nothing was changed. */
  readonly remark: string;
}

/** Throws a RefusedError for a failure, also for one that comes with HTTP 200. */
export function readAnswer(answer: WireAnswer, context: AnswerContext): Content {
  const opened = open(parseJson(answer.text));
  if (opened === undefined) throw notThisApi(answer, context.host);
  if (opened.succeeded && answer.status < 400) {
    return { content: opened.content, remark: opened.message };
  }
  const { family, code } = opened;
  const reasons = likely(opened, answer.status);
  const message = opened.message === '' ? `${family} code ${code}, without an explanation.` : opened.message;
  const hint = hintFor(reasons, answer, context.now);
  throw new RefusedError({ httpStatus: answer.status, family, code, reasons, message, hint });
}

/** Several reasons can share a code; prefer those whose HTTP status matches too. */
function likely({ family, reasons }: Opened, status: number): readonly Reason[] {
  const fitting = reasons.filter((reason) => {
    const { resultStatus, metaStatus } = table[reason];
    return (family === 'result' ? resultStatus : metaStatus) === status;
  });
  return fitting.length > 0 ? fitting : reasons;
}

/** By its shape, not by the path: servers answer some failures in the other envelope. */
function open(value: unknown): Opened | undefined {
  if (!isRecord(value)) return undefined;
  if ('result_code' in value) return openResult(value);
  return isRecord(value['Meta']) ? openMeta(value['Meta'], value['Data']) : undefined;
}

function openResult(value: Record<string, unknown>): Opened {
  const code = Number(value['result_code']);
  return {
    family: 'result',
    succeeded: code === 1,
    code,
    message: textOf(value['result_description']),
    reasons: reasonsWithResultCode(code),
    content: value['result_content'],
  };
}

/** Numbers come as strings in some samples, and one family spells the names otherwise (contract 2.3, 6.8, 6.9). */
function openMeta(meta: Record<string, unknown>, data: unknown): Opened {
  const result = Number(meta['Result'] ?? meta['result'] ?? 1);
  const code = Number(meta['ErrorCode'] ?? meta['errorCode'] ?? 0);
  return {
    family: 'meta',
    succeeded: result === 1 && code === 0,
    code,
    message: textOf(meta['ErrorMsg'] ?? meta['errorMessgae'] ?? meta['errorMessage']),
    reasons: reasonsWithErrorCode(code),
    content: data,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** For an answer from something else. */
export function notThisApi(answer: WireAnswer, host: string): ProtocolError {
  const { status } = answer;
  const target = answer.header('location');
  const what =
    status >= 300 && status < 400 && target !== undefined
      ? `redirects to ${target}`
      : `answered HTTP ${status} with something that is not of this API`;
  return new ProtocolError(`${host} ${what}.`, { httpStatus: status, body: answer.text, hint: hintForStatus(status) });
}

function hintForStatus(status: number): string {
  if (status === 407) return 'The proxy wants a user name and password: http://user:password@proxy.example:3128.';
  if (status >= 500) return 'A proxy or the server itself is failing; look at their logs.';
  return 'Check that the URL is that of the server itself: scheme, host and port, no page behind them.';
}
