/** Turns errors into answers, and says what to log and audit. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal, envelopeOf, metaFailure, reasons, resultFailure } from '@cordon/protocol/automation';
import type { Reason } from '@cordon/protocol/automation';
import { callerIfKnown } from './automation.ts';
import { ConsoleRefusal } from './console-refusal.ts';

export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly status: number;
  readonly body: unknown;
  /** A bug of ours, logged with its stack. */
  readonly isBug: boolean;
}

/** Larger bodies of strangers are not read to the end just for a friendlier refusal. */
const maxDrained = 1_048_576;

/** The answer to `error` at `url`. */
export function failureOf(error: unknown, url: string): Failure {
  return isAutomation(url) ? automationFailure(error, url) : consoleFailure(error);
}

/**
 * Sends a failure. A stranger who would go on sending a large body is disconnected. Every other body is read and
 * discarded first, because most clients look for an answer only after they have sent everything.
 */
export async function sendFailure(request: FastifyRequest, reply: FastifyReply, failure: Failure): Promise<void> {
  const length = Number(request.headers['content-length'] ?? 0);
  const isLong = request.headers['transfer-encoding'] !== undefined || length > maxDrained;
  if (isLong && !request.raw.complete && callerIfKnown(request) === undefined) void reply.header('connection', 'close');
  else await readAway(request.raw);
  await reply
    .code(failure.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(failure.body));
}

/** Ends with the body, with the connection, or with the request timeout. */
async function readAway(request: IncomingMessage): Promise<void> {
  if (request.complete) return;
  request.resume();
  await finished(request, { writable: false }).catch(() => undefined); // A client that has disconnected needs no answer.
}

/** Paths below /WebApp use the Automation API's envelopes. */
export function isAutomation(url: string): boolean {
  return /^\/+webapp(\/|\?|$)/i.test(url);
}

function automationFailure(error: unknown, url: string): Failure {
  const { reason, message } = reasonOf(error);
  const inMeta = envelopeOf(url) === 'meta';
  const codes = reasons[reason];
  return {
    reason,
    message,
    status: inMeta ? codes.metaStatus : codes.resultStatus,
    body: inMeta ? metaFailure(reason, message) : resultFailure(reason, message),
    isBug: reason === 'internal',
  };
}

function consoleFailure(error: unknown): Failure {
  if (error instanceof ConsoleRefusal) return asConsole(error.status, error.reason, error.message);
  const { reason, message } = reasonOf(error);
  return { ...asConsole(reasons[reason].resultStatus, reason, message), isBug: reason === 'internal' };
}

function asConsole(status: number, reason: string, message: string): Failure {
  return { reason, message, status, body: { error: { reason, message } }, isBug: false };
}

function reasonOf(error: unknown): { reason: Reason; message: string } {
  if (error instanceof Refusal) return { reason: error.reason, message: error.message };
  if (isFastify(error)) {
    if (error.validation !== undefined) return { reason: 'parameter-invalid', message: unfitting(error) };
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { reason: 'body-too-large', message: error.message };
    if (error.statusCode !== undefined && error.statusCode < 500)
      return { reason: 'parameter-invalid', message: error.message };
  }
  return {
    reason: 'internal',
    message: 'Something went wrong inside the server. Its log has the cause, under this request ID.',
  };
}

/** What does not fit a schema. For a value with several allowed forms, the reasons against each would only confuse. */
function unfitting(error: FastifyError): string {
  const word = error.validation?.find((one) => one.keyword === 'enum');
  if (word !== undefined) {
    const allowed = [word.params['allowedValues']].flat().filter((one) => one !== '');
    return `${error.validationContext ?? ''}${word.instancePath} must be one of ${allowed.join(', ')}.`;
  }
  const surplus = error.validation?.find((one) => one.keyword === 'additionalProperties');
  if (surplus !== undefined) {
    const fields = [surplus.params['additionalProperties']].flat().map((field) => `"${String(field)}"`);
    return `${error.validationContext ?? ''}${surplus.instancePath} has no field ${fields.join(' and no field ')}; GET /openapi.json lists its fields.`;
  }
  const choice = error.validation?.find((one) => one.keyword === 'anyOf');
  if (choice === undefined) return `${error.message}.`;
  const where = `${error.validationContext ?? ''}${choice.instancePath}`;
  return `${where} has an invalid value; GET /openapi.json shows the allowed ones.`;
}

function isFastify(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error;
}
