/** The one path that every call of the console API takes: send, refuse or parse, read by its shape. */
import type * as shapes from '@cordon/protocol/console';
import { reasons } from '@cordon/protocol/words';
import type { Reason } from '@cordon/protocol/words';
import type { Shape } from '@cordon/protocol/shape';
import { notThisApi } from '../answers.ts';
import { encodeQuery } from '../transport/base-url.ts';
import type { BaseUrl, Query } from '../transport/base-url.ts';
import { jsonBody } from '../transport/body.ts';
import { ProtocolError, RefusedError } from '../errors.ts';
import { Fields, isRecord, parseJson } from '../reading.ts';
import type { Transport, WireAnswer } from '../transport/transport.ts';

export interface ConsoleCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

export interface ConsoleApi {
  /** The answer's JSON; undefined for an answer without content. */
  readonly send: (call: ConsoleCall) => Promise<unknown>;
}

/** Names the shape of an answer. The shapes are loaded with the first call: they cost more than the rest of this package. */
type PickShape<T> = (all: typeof shapes) => Shape<T>;

/** One subject of the console API: its methods are calls. */
export class ConsolePart {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  protected async load<T>(pick: PickShape<T>, path: string, filter: object = {}): Promise<T> {
    return read(this.#api, pick, { method: 'GET', path, query: queryOf(filter) });
  }

  protected async post<T>(pick: PickShape<T>, path: string, body?: unknown): Promise<T> {
    return read(this.#api, pick, { method: 'POST', path, body });
  }

  protected async read<T>(pick: PickShape<T>, call: ConsoleCall): Promise<T> {
    return read(this.#api, pick, call);
  }

  /** A call whose answer says no more than that it was done. */
  protected async send(method: ConsoleCall['method'], path: string, body?: unknown): Promise<void> {
    await this.#api.send({ method, path, body });
  }
}

/** The answer to a call, as its shape reads it: what a newer server adds does no harm. */
export async function read<T>(api: ConsoleApi, pick: PickShape<T>, call: ConsoleCall): Promise<T> {
  const [all, answer] = await Promise.all([import('@cordon/protocol/console'), api.send(call)]);
  const value = pick(all).read(answer);
  if (value !== undefined) return value;
  throw new ProtocolError(`The answer to ${call.method} ${call.path} cannot be read.`, {
    httpStatus: 200,
    // Not the answer itself: it may hold a password or a token.
    body: '',
    hint: 'The versions of server and client do not match; update the older one.',
  });
}

export interface Connection {
  readonly base: BaseUrl;
  readonly transport: Transport;
  /** What authenticates the call; empty for one that needs no session. */
  readonly headers: Readonly<Record<string, string>>;
}

export async function sendOnce(call: ConsoleCall, { base, transport, headers }: Connection): Promise<unknown> {
  const json = call.body === undefined ? {} : { 'Content-Type': 'application/json' };
  const answer = await transport({
    method: call.method,
    url: base.href + call.path + encodeQuery(call.query ?? {}),
    headers: { Accept: 'application/json', ...headers, ...json },
    ...(call.body === undefined ? {} : { body: jsonBody(call.body) }),
  });
  return contentOf(answer, base.host);
}

/** `path` with each part as one segment. */
export function within(path: string, ...parts: (string | number)[]): string {
  return [path, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** The fields of a filter as a query. */
function queryOf(filter: object): Query {
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  );
}

function contentOf(answer: WireAnswer, host: string): unknown {
  if (answer.status === 204) return undefined;
  const value = parseJson(answer.text);
  if (!isRecord(value)) throw notThisApi(answer, host);
  if (answer.status >= 200 && answer.status < 300) return value;
  const error = new Fields(value).inner('error');
  const message = error.text('message');
  if (message === '') throw notThisApi(answer, host);
  throw new RefusedError({
    httpStatus: answer.status,
    family: 'console',
    code: answer.status,
    reasons: knownReasons(error.text('reason')),
    word: error.text('reason'),
    message,
    hint: answer.status === 401 ? 'Sign in to the console again.' : '',
  });
}

function knownReasons(name: string): Reason[] {
  return Object.keys(reasons).filter((reason): reason is Reason => reason === name);
}
