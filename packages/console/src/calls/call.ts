/** Calls the console API. Every failed or unreadable answer becomes a `Refused` with a message for a person. */
import { consoleFailureShape } from '@cordon/protocol/console';
import { backgroundHeader, consoleHeader } from '@cordon/protocol/console/paths';
import type { Shape } from '@cordon/protocol/shape';
import { isAnybodyThere } from '../browser/presence.ts';

/** Why the server, a proxy or the network refused a call. */
export class Refused extends Error {
  readonly status: number;
  /** Stable, for programs; `unreachable` when there was no answer, `unreadable` for one that is not this API's. */
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

/** The answer of one call, as its shape reads it. */
export async function read<T>(shape: Shape<T>, method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const { status, value } = await answerOf(method, path, options);
  const known = shape.read(value);
  if (known === undefined) throw unreadable(status);
  return known;
}

/** Makes a call whose answer says nothing more than that it was done. */
export async function send(method: Method, path: string, options: CallOptions = {}): Promise<void> {
  await answerOf(method, path, options);
}

/** A path with its query; undefined and empty values are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return given.length === 0 ? path : `${path}?${search}`;
}

/** The JSON of an answer; undefined for one without content. A proxy's page is not taken for either. */
async function answerOf(
  method: Method,
  path: string,
  options: CallOptions,
): Promise<{ status: number; value: unknown }> {
  const answer = await fetched(method, path, options);
  const { status } = answer;
  if (status === 204) return { status, value: undefined };
  const value = jsonIn(await answer.text());
  if (!answer.ok) throw refusalOf(status, value);
  if (value === undefined) throw unreadable(status);
  return { status, value };
}

async function fetched(method: Method, path: string, { body, signal }: CallOptions): Promise<Response> {
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

function refusalOf(status: number, value: unknown): Refused {
  const error = consoleFailureShape.read(value)?.error;
  if (error === undefined) return new Refused(status, 'unknown', `The server answered ${status} without a reason.`);
  if (status === 401 && error.reason === 'not-signed-in') onSignedOut();
  return new Refused(status, error.reason, error.message);
}

function unreadable(status: number): Refused {
  return new Refused(
    status,
    'unreadable',
    'The answer is not one that this page can read, so it is not known whether this was done. Reload the page: the server may have been updated, or a proxy may have answered.',
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // For example a proxy's page.
  }
}
