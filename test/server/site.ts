/* oxlint-disable vitest/no-standalone-expect -- what these hold is part of the tests that call them */
/** A server on a fresh database, an application, an administrator, and helpers for tests. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { AuditLine } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import type { DatabaseKind, FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { FakeAgent, factsOf } from './fake-agent.ts';
import { call, send } from './wire.ts';
import type { Answer, Keys, RawRequest, Signing } from './wire.ts';

export const agentsPath = '/WebApp/API/AgentResource/ProductAgents';
export const objectsPath = '/WebApp/api/SuspiciousObjects/UserDefinedSO/';
export const serversPath = '/WebApp/API/ServerResource/ProductServers';
export const filePath = '/WebApp/API/SuspiciousObjectResource/FileUDSO';

export class Site {
  readonly server: TestServer;
  readonly keys: Keys;
  readonly console: ConsoleClient;
  readonly #database: FreshDatabase;
  #sources = 0;
  #names = 0;

  private constructor(server: TestServer, keys: Keys, more: { console: ConsoleClient; database: FreshDatabase }) {
    this.server = server;
    this.keys = keys;
    this.console = more.console;
    this.#database = more.database;
  }

  static async open(kind: DatabaseKind, environment: Readonly<Record<string, string>> = {}): Promise<Site> {
    const database = await kind.make();
    // The desired state contains the port for agents, which must be a real one; these agents know where the server is.
    const settings = { CORDON_ADVERTISE: '127.0.0.1:8443', ...environment };
    const server = await startServer({ database: database.address, environment: settings });
    const { applicationId, apiKey } = await server.client();
    const console = await server.console();
    await withoutGuard(server);
    return new Site(server, { applicationId, apiKey }, { console, database });
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.#database.remove();
  }

  /** Writes past the server, as somebody with access to the database could. */
  async tamper(work: Parameters<Database['write']>[0]): Promise<void> {
    const database = await openDatabase(this.#database.address);
    await database.write(work);
    await database.close();
  }

  /** A loopback address that no other request came from. */
  newSource(): string {
    this.#sources += 1;
    return `127.1.${this.#sources >> 8}.${this.#sources & 255}`;
  }

  /** A host name that no other test uses. */
  newName(): string {
    this.#names += 1;
    return `PC${this.#names}`;
  }

  call(raw: RawRequest, signing?: Signing): Promise<Answer> {
    return call(this.server, this.keys, raw, signing);
  }

  get(path: string): Promise<Answer> {
    return this.call({ method: 'GET', path });
  }

  send(method: 'POST' | 'PUT', path: string, body: unknown): Promise<Answer> {
    return this.call({ method, path, body: JSON.stringify(body) });
  }

  /** Requests an action on agents; several may match. */
  act(act: string, selector: Readonly<Record<string, unknown>>): Promise<Answer> {
    return this.send('POST', agentsPath, { act, allow_multiple_match: true, ...selector });
  }

  /** A new agent that is not connected. */
  async enrol(facts: Parameters<typeof factsOf>[1] = {}, hostName: string = this.newName()): Promise<FakeAgent> {
    const { token } = await this.console.enrolment.addToken({});
    return FakeAgent.enrol(this.server, token, factsOf(hostName, facts));
  }

  /** A new agent with an open channel. */
  async connected(facts: Parameters<typeof factsOf>[1] = {}): Promise<FakeAgent> {
    const agent = await this.enrol(facts);
    await agent.connect(this.server);
    return agent;
  }

  /** The agent's entry in the list; undefined if it has none. */
  async listed(agent: FakeAgent): Promise<Record<string, unknown> | undefined> {
    const answer = await this.get(`${agentsPath}?entity_id=${agent.id}`);
    return contentOf(answer)[0];
  }

  async statusOf(agent: FakeAgent): Promise<unknown> {
    return (await this.listed(agent))?.['isolation_status'];
  }

  /** Everything that a refused request must leave unchanged. */
  async state(): Promise<string> {
    const [agents, objects] = [await this.get(agentsPath), await this.get(objectsPath)];
    return JSON.stringify([agents.text, objects.text, await this.console.commands.list()]);
  }

  /** The audit lines of requests from one address, once there are any. */
  linesFrom(source: string): Promise<AuditLine[]> {
    return eventually(`the audit has a line of ${source}`, async () => {
      const { lines } = await this.console.audit.list({ limit: 1000 });
      const found = lines.filter((line) => line.source === source);
      return found.length > 0 ? found : undefined;
    });
  }

  /** Expects exactly one line for a refusal. */
  async expectOneLine(source: string, outcome: string, message: string): Promise<void> {
    const lines = await this.linesFrom(source);
    expect(lines.map((line) => [line.outcome, line.detail])).toEqual([[outcome, message]]);
  }
}

/** Lets any number of endpoints be isolated; the guard has tests of its own. */
async function withoutGuard(server: TestServer): Promise<void> {
  const { admin } = JSON.parse(await readFile(join(server.data, 'first-run.json'), 'utf8'));
  const signedIn = await send(server, { method: 'POST', path: '/api/v1/session', body: JSON.stringify(admin) });
  const limits = { perApplicationPerHour: 1_000_000, perPersonPerHour: 1_000_000 };
  const settings = { enabled: false, ...limits, shareOfFleet: 1, shareCountsAbove: 1_000_000 };
  const headers = { Authorization: `Session ${JSON.parse(signedIn.text).token}` };
  const set = await send(server, { method: 'PUT', path: '/api/v1/guard', headers, body: JSON.stringify(settings) });
  if (set.status !== 204) throw new Error(`The guard could not be set: ${set.text}`);
}

/** The list in an answer of the "result" family. */
export function contentOf(answer: Answer): Record<string, unknown>[] {
  expect(answer.status).toBe(200);
  const { result_code: code, result_content: content } = JSON.parse(answer.text);
  expect(code).toBe(1);
  return content;
}

/** The list in an answer of the Data/Meta family. */
export function dataOf(answer: Answer): Record<string, unknown>[] {
  expect(answer.status).toBe(200);
  const { Data: data, Meta: meta } = JSON.parse(answer.text);
  expect(meta).toEqual({ Result: 1, ErrorCode: 0, ErrorMsg: '' });
  return data;
}
