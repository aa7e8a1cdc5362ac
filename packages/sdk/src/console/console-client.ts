/** The client of Cordon's console API: what people do beyond the Automation API. Apex Central has none of this. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type { SignedIn } from '@cordon/protocol/console';
import { parseBaseUrl } from '../transport/base-url.ts';
import type { BaseUrl } from '../transport/base-url.ts';
import { ProtocolError, usage } from '../errors.ts';
import { fetchTransport } from '../transport/transport.ts';
import type { Transport } from '../transport/transport.ts';
import { ConsoleAccounts, ConsoleApplications, OwnAccount } from './access.ts';
import { ConsoleActs, ConsoleApprovals, ConsoleCommands, ConsoleGuard, ConsoleProfiles } from './acts.ts';
import { ConsoleAgents, ConsoleEnrolment, ConsoleGroups } from './endpoints.ts';
import { ConsoleAudit } from './audit.ts';
import { read, sendOnce } from './console-api.ts';
import type { ConsoleApi, ConsoleCall } from './console-api.ts';
import { ConsoleDetections, ConsoleObjects, ConsoleQuarantine, ConsoleTasks } from './objects.ts';
import { ConsoleSyslog, ConsoleWebhooks } from './notifications.ts';

export interface ConsoleClientOptions {
  readonly url: string;
  readonly transport?: Transport;
  /** The token of an earlier `signIn`. */
  readonly session?: string | undefined;
}

export class ConsoleClient {
  readonly #base: BaseUrl;
  readonly #transport: Transport;
  #session: string | undefined;
  readonly #api: ConsoleApi = { send: (call) => this.send(call) };

  readonly account = new OwnAccount(this.#api);
  readonly accounts = new ConsoleAccounts(this.#api);
  readonly acts = new ConsoleActs(this.#api);
  readonly agents = new ConsoleAgents(this.#api);
  readonly applications = new ConsoleApplications(this.#api);
  readonly approvals = new ConsoleApprovals(this.#api);
  readonly audit = new ConsoleAudit(this.#api);
  readonly commands = new ConsoleCommands(this.#api);
  readonly detections = new ConsoleDetections(this.#api);
  readonly enrolment = new ConsoleEnrolment(this.#api);
  readonly groups = new ConsoleGroups(this.#api);
  readonly guard = new ConsoleGuard(this.#api);
  readonly objects = new ConsoleObjects(this.#api);
  readonly profiles = new ConsoleProfiles(this.#api);
  readonly quarantine = new ConsoleQuarantine(this.#api);
  readonly syslog = new ConsoleSyslog(this.#api);
  readonly tasks = new ConsoleTasks(this.#api);
  readonly webhooks = new ConsoleWebhooks(this.#api);

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
    const { token, ...session } = await read({ send: (call) => this.#send(call) }, (all) => all.signedInShape, {
      method: 'POST',
      path: consolePaths.session,
      body,
    });
    if (token === undefined) {
      throw new ProtocolError('The server signed us in without a token.', { httpStatus: 200, body: '', hint: '' });
    }
    this.#session = token;
    return { ...session, token };
  }

  async signOut(): Promise<void> {
    await this.send({ method: 'DELETE', path: consolePaths.session });
    this.#session = undefined;
  }

  /** Any call of the console API in this session; the answer's JSON, undefined for an answer without content. */
  async send(call: ConsoleCall): Promise<unknown> {
    if (this.#session === undefined) throw usage('Nobody is signed in to the console.', 'Sign in first.');
    return this.#send(call);
  }

  #send(call: ConsoleCall): Promise<unknown> {
    const headers = this.#session === undefined ? {} : { Authorization: `Session ${this.#session}` };
    return sendOnce(call, { base: this.#base, transport: this.#transport, headers });
  }
}
