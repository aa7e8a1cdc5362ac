/** The client of Cordon's console API: what people do beyond the Automation API. Apex Central has none of this. */
import { consolePaths, reasons } from '@cordon/protocol/words';
import type { Reason } from '@cordon/protocol/words';
import type {
  AddApplication,
  AddEnrolmentToken,
  AgentDetails,
  Application,
  ApplicationWithKey,
  AuditPage,
  ChangeApplication,
  CommandRecord,
  NewEnrolmentToken,
  SignedIn,
} from '@cordon/protocol/console';
import { notThisApi } from './answers.ts';
import { encodeQuery, parseBaseUrl } from './base-url.ts';
import type { BaseUrl, Query } from './base-url.ts';
import { jsonBody } from './body.ts';
import {
  readAgentDetails,
  readApplication,
  readApplicationWithKey,
  readAuditPage,
  readCommand,
  readNewEnrolmentToken,
  readSignedIn,
} from './console-answers.ts';
import { RefusedError, usage } from './errors.ts';
import { Fields, isRecord, parseJson } from './reading.ts';
import { fetchTransport } from './transport.ts';
import type { Transport, WireAnswer } from './transport.ts';

export interface ConsoleClientOptions {
  readonly url: string;
  readonly transport?: Transport;
  /** The token of an earlier `signIn`. */
  readonly session?: string | undefined;
}

interface ConsoleCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
}

export class ConsoleClient {
  readonly #base: BaseUrl;
  readonly #transport: Transport;
  #session: string | undefined;

  constructor(options: ConsoleClientOptions) {
    this.#base = parseBaseUrl(options.url);
    this.#transport = options.transport ?? fetchTransport;
    this.#session = options.session;
  }

  /** Further calls of this client are made in the new session. */
  async signIn(user: string, password: string): Promise<SignedIn> {
    this.#session = undefined;
    const body = { user, password };
    const signedIn = readSignedIn(await this.#send({ method: 'POST', path: consolePaths.session, body }));
    this.#session = signedIn.token;
    return signedIn;
  }

  async signOut(): Promise<void> {
    await this.#call({ method: 'DELETE', path: consolePaths.session });
    this.#session = undefined;
  }

  async applications(): Promise<Application[]> {
    const answer = await this.#call({ method: 'GET', path: consolePaths.applications });
    return new Fields(answer).records('applications').map(readApplication);
  }

  /** The key in the answer is shown this once. */
  async addApplication(body: AddApplication): Promise<ApplicationWithKey> {
    return readApplicationWithKey(await this.#call({ method: 'POST', path: consolePaths.applications, body }));
  }

  async changeApplication(id: string, body: ChangeApplication): Promise<void> {
    await this.#call({ method: 'PATCH', path: one(consolePaths.applications, id), body });
  }

  /** Makes a new key; the old one ends at once. */
  async rotateApplication(id: string): Promise<ApplicationWithKey> {
    const path = `${one(consolePaths.applications, id)}/rotate`;
    return readApplicationWithKey(await this.#call({ method: 'POST', path }));
  }

  async removeApplication(id: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: one(consolePaths.applications, id) });
  }

  async addEnrolmentToken(body: AddEnrolmentToken): Promise<NewEnrolmentToken> {
    return readNewEnrolmentToken(await this.#call({ method: 'POST', path: consolePaths.enrolmentTokens, body }));
  }

  async agent(entityId: string): Promise<AgentDetails> {
    return readAgentDetails(await this.#call({ method: 'GET', path: one(consolePaths.agents, entityId) }));
  }

  async commands(filter: { agent?: string | undefined; limit?: number | undefined } = {}): Promise<CommandRecord[]> {
    const query = { agent: filter.agent, limit: filter.limit?.toString() };
    const answer = await this.#call({ method: 'GET', path: consolePaths.commands, query });
    return new Fields(answer).records('commands').map(readCommand);
  }

  async audit(page: { after?: number | undefined; limit?: number | undefined } = {}): Promise<AuditPage> {
    const query = { after: page.after?.toString(), limit: page.limit?.toString() };
    return readAuditPage(await this.#call({ method: 'GET', path: consolePaths.audit, query }));
  }

  async #call(call: ConsoleCall): Promise<unknown> {
    if (this.#session === undefined) throw usage('Nobody is signed in to the console.', 'Sign in first.');
    return this.#send(call);
  }

  async #send(call: ConsoleCall): Promise<unknown> {
    const session = this.#session === undefined ? {} : { Authorization: `Session ${this.#session}` };
    const json = call.body === undefined ? {} : { 'Content-Type': 'application/json' };
    const answer = await this.#transport({
      method: call.method,
      url: this.#base.href + call.path + encodeQuery(call.query ?? {}),
      headers: { Accept: 'application/json', ...session, ...json },
      ...(call.body === undefined ? {} : { body: jsonBody(call.body) }),
    });
    return readConsoleAnswer(answer, this.#base.host);
  }
}

function one(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

function readConsoleAnswer(answer: WireAnswer, host: string): unknown {
  if (answer.status === 204) return undefined;
  const value = parseJson(answer.text);
  if (!isRecord(value)) throw notThisApi(answer, host);
  if (answer.status >= 200 && answer.status < 300) return value;
  const error = new Fields(value).inner('error');
  const sentence = error.text('sentence');
  if (sentence === '') throw notThisApi(answer, host);
  throw new RefusedError({
    httpStatus: answer.status,
    family: 'console',
    code: answer.status,
    reasons: knownReasons(error.text('reason')),
    sentence,
    hint: answer.status === 401 ? 'Sign in to the console again.' : '',
  });
}

function knownReasons(name: string): Reason[] {
  return Object.keys(reasons).filter((reason): reason is Reason => reason === name);
}
