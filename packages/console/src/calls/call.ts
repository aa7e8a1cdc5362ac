/** Calls the console API. Every failed answer becomes a `Refused` with the server's message. */

import { backgroundHeader, consoleHeader } from '@cordon/protocol/console/paths';
import { isAnybodyThere } from '../browser/presence.ts';

/** Why the server, a proxy or the network refused a call. */
export class Refused extends Error {
  readonly status: number;
  /** Stable, for programs; `unreachable` when there was no answer. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.reason = reason;
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

let onSignedOut: () => void = () => {};

/** Calls `listener` when the server no longer knows this session. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** Returns the answer of one call as `T`, unchecked: the server has checked it against the schema. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const answer = await send(method, path, options);
  const text = await answer.text();
  if (!answer.ok) throw refusalOf(answer, text);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server's own schema made this text
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A path with its query; undefined and empty values are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return given.length === 0 ? path : `${path}?${search}`;
}

async function send(method: Method, path: string, { body, signal }: CallOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      // A page of another site cannot send this header without a preflight, so it proves that the call is ours.
      headers: {
        [consoleHeader]: '1',
        ...(isAnybodyThere() ? {} : { [backgroundHeader]: '1' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, 'unreachable', 'The server is not responding. It may be restarting; try again in a moment.');
  }
}

function refusalOf(answer: Response, text: string): Refused {
  const { reason, message } = failureIn(text) ?? {
    reason: 'unknown',
    message: `The server answered ${answer.status} without a reason.`,
  };
  if (answer.status === 401 && reason === 'not-signed-in') onSignedOut();
  return new Refused(answer.status, reason, message);
}

function failureIn(text: string): { reason: string; message: string } | undefined {
  try {
    const { error } = JSON.parse(text);
    return { reason: String(error.reason), message: String(error.message) };
  } catch {
    return undefined; // For example a proxy's page; only the status is usable.
  }
}
