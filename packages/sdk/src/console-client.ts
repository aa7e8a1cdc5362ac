/** The client of Cordon's console API: what people do beyond the Automation API. Apex Central has none of this. */
import { consolePaths, reasons } from '@cordon/protocol/words';
import type { Reason } from '@cordon/protocol/words';
import type {
  ActOutcome,
  ActRequest,
  AddApplication,
  AddEnrolmentToken,
  AddWebhook,
  AgentDetails,
  Application,
  ApplicationWithKey,
  Approval,
  AuditCheckpoints,
  AuditPage,
  BreakGlassCode,
  ChangeAgent,
  ChangeApplication,
  ChangeWebhook,
  CommandRecord,
  Delivery,
  GuardSettings,
  NewEnrolmentToken,
  Profile,
  ProfileBody,
  ReplayWebhook,
  Replayed,
  SignedIn,
  Syslog,
  SyslogSettings,
  SyslogTest,
  Webhook,
  WebhookWithSecret,
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
import {
  readActOutcome,
  readApproval,
  readBreakGlassCode,
  readCheckpoints,
  readGuardSettings,
  readProfile,
} from './containment-answers.ts';
import { RefusedError, usage } from './errors.ts';
import {
  readDelivery,
  readReplayed,
  readSyslog,
  readSyslogTest,
  readWebhook,
  readWebhookWithSecret,
} from './notification-answers.ts';
import { Fields, isRecord, parseJson } from './reading.ts';
import { fetchTransport } from './transport.ts';
import type { Transport, WireAnswer } from './transport.ts';

export interface ConsoleClientOptions {
  readonly url: string;
  readonly transport?: Transport;
  /** The token of an earlier `signIn`. */
  readonly session?: string | undefined;
}

/** One call of the console API. */
export interface ConsoleCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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

  /**
   * Further calls of this client are made in the new session. Without a code, an account with a second factor is
   * refused with the word `code-required`.
   */
  async signIn(user: string, password: string, code?: string): Promise<SignedIn & { readonly token: string }> {
    this.#session = undefined;
    const body = { user, password, ...(code === undefined ? {} : { code }) };
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

  /** Never isolated without a second person from now on, or no longer so. */
  async protectAgent(entityId: string, isProtected: boolean): Promise<void> {
    const body: ChangeAgent = { protected: isProtected };
    await this.#call({ method: 'PATCH', path: one(consolePaths.agents, entityId), body });
  }

  /** Forgets an agent that will not come back; nothing is sent to its endpoint. */
  async removeAgent(entityId: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: one(consolePaths.agents, entityId) });
  }

  /** The code that lifts the present isolation of an agent, typed at its endpoint. The audit tells who saw it. */
  async breakGlassCode(entityId: string): Promise<BreakGlassCode> {
    const path = `${one(consolePaths.agents, entityId)}/break-glass`;
    return readBreakGlassCode(await this.#call({ method: 'POST', path }));
  }

  /** Isolates, releases or uninstalls. Held by the guard it is no error: the outcome names the approval it waits for. */
  async act(request: ActRequest): Promise<ActOutcome> {
    return readActOutcome(await this.#call({ method: 'POST', path: consolePaths.acts, body: request }));
  }

  /** Whom an act would touch, whom it would leave out and why, and what the guard says; nothing changes. */
  async previewAct(request: ActRequest): Promise<ActOutcome> {
    return readActOutcome(await this.#call({ method: 'POST', path: `${consolePaths.acts}/preview`, body: request }));
  }

  /** One act that was held, however long ago. */
  async approval(id: number): Promise<Approval> {
    return readApproval(await this.#call({ method: 'GET', path: `${consolePaths.approvals}/${id}` }));
  }

  /** Acts that the guard has held: all that wait, then the newest of those that are decided or have expired. */
  async approvals(): Promise<Approval[]> {
    const answer = await this.#call({ method: 'GET', path: consolePaths.approvals });
    return new Fields(answer).records('approvals').map(readApproval);
  }

  /** Agrees to an act that the guard holds, and with that performs it. */
  async approve(id: number): Promise<ActOutcome> {
    return readActOutcome(await this.#call({ method: 'POST', path: `${consolePaths.approvals}/${id}/approve` }));
  }

  async reject(id: number): Promise<void> {
    await this.#call({ method: 'POST', path: `${consolePaths.approvals}/${id}/reject` });
  }

  async guard(): Promise<GuardSettings> {
    return readGuardSettings(await this.#call({ method: 'GET', path: consolePaths.guard }));
  }

  async changeGuard(settings: GuardSettings): Promise<void> {
    await this.#call({ method: 'PUT', path: consolePaths.guard, body: settings });
  }

  async profiles(): Promise<Profile[]> {
    const answer = await this.#call({ method: 'GET', path: consolePaths.profiles });
    return new Fields(answer).records('profiles').map(readProfile);
  }

  /** Adds or replaces a profile; endpoints that are isolated under it follow at once. */
  async putProfile(name: string, body: ProfileBody): Promise<void> {
    await this.#call({ method: 'PUT', path: one(consolePaths.profiles, name), body });
  }

  async removeProfile(name: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: one(consolePaths.profiles, name) });
  }

  async webhooks(): Promise<Webhook[]> {
    const answer = await this.#call({ method: 'GET', path: consolePaths.webhooks });
    return new Fields(answer).records('webhooks').map(readWebhook);
  }

  /** The secret in the answer is shown this once. */
  async addWebhook(body: AddWebhook): Promise<WebhookWithSecret> {
    return readWebhookWithSecret(await this.#call({ method: 'POST', path: consolePaths.webhooks, body }));
  }

  async changeWebhook(id: string, body: ChangeWebhook): Promise<Webhook> {
    return readWebhook(await this.#call({ method: 'PATCH', path: one(consolePaths.webhooks, id), body }));
  }

  async removeWebhook(id: string): Promise<void> {
    await this.#call({ method: 'DELETE', path: one(consolePaths.webhooks, id) });
  }

  /** Makes a new secret; the old one signs as well for a day. */
  async rotateWebhook(id: string): Promise<WebhookWithSecret> {
    const path = `${one(consolePaths.webhooks, id)}/rotate`;
    return readWebhookWithSecret(await this.#call({ method: 'POST', path }));
  }

  /** Calls a webhook once, now. */
  async testWebhook(id: string): Promise<Delivery> {
    return readDelivery(await this.#call({ method: 'POST', path: `${one(consolePaths.webhooks, id)}/test` }));
  }

  /** Calls a webhook again with everything from an event, or a moment, on. */
  async replayWebhook(id: string, body: ReplayWebhook): Promise<Replayed> {
    return readReplayed(await this.#call({ method: 'POST', path: `${one(consolePaths.webhooks, id)}/replay`, body }));
  }

  /** The last calls of a webhook, the newest first. */
  async deliveries(id: string): Promise<Delivery[]> {
    const answer = await this.#call({ method: 'GET', path: `${one(consolePaths.webhooks, id)}/deliveries` });
    return new Fields(answer).records('deliveries').map(readDelivery);
  }

  /** The syslog collector, and how far it has come. */
  async syslog(): Promise<Syslog> {
    return readSyslog(await this.#call({ method: 'GET', path: consolePaths.syslog }));
  }

  async setSyslog(body: SyslogSettings): Promise<void> {
    await this.#call({ method: 'PUT', path: consolePaths.syslog, body });
  }

  async removeSyslog(): Promise<void> {
    await this.#call({ method: 'DELETE', path: consolePaths.syslog });
  }

  /** Sends the collector one line, now. */
  async testSyslog(): Promise<SyslogTest> {
    return readSyslogTest(await this.#call({ method: 'POST', path: `${consolePaths.syslog}/test` }));
  }

  async commands(
    filter: { agent?: string | undefined; before?: number | undefined; limit?: number | undefined } = {},
  ): Promise<CommandRecord[]> {
    const query = { agent: filter.agent, before: filter.before?.toString(), limit: filter.limit?.toString() };
    const answer = await this.#call({ method: 'GET', path: consolePaths.commands, query });
    return new Fields(answer).records('commands').map(readCommand);
  }

  /** After a line, also after 0: oldest first. Otherwise the newest lines, newest first. */
  async audit(page: { after?: number | undefined; limit?: number | undefined } = {}): Promise<AuditPage> {
    const query = { after: page.after?.toString(), limit: page.limit?.toString() };
    return readAuditPage(await this.#call({ method: 'GET', path: consolePaths.audit, query }));
  }

  /** The lines about an agent, newest first; `before` is the `next` of the page before. */
  async auditOf(
    agent: string,
    page: { before?: number | undefined; limit?: number | undefined } = {},
  ): Promise<AuditPage> {
    const query = { agent, before: page.before?.toString(), limit: page.limit?.toString() };
    return readAuditPage(await this.#call({ method: 'GET', path: consolePaths.audit, query }));
  }

  /** Signatures over the audit, as far as it goes now, and the key that they verify under. */
  async auditCheckpoints(): Promise<AuditCheckpoints> {
    return readCheckpoints(await this.#call({ method: 'GET', path: `${consolePaths.audit}/checkpoints` }));
  }

  /** Any call of the console API in this session; the answer's JSON, undefined for an answer without content. */
  async send(call: ConsoleCall): Promise<unknown> {
    return this.#call(call);
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
