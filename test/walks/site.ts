/** A whole installation: a server with a database, an application, and endpoints with real agents. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, ConsoleClient } from '@cordon/sdk';
import type { AgentDetails } from '@cordon/protocol/console';
import { eventually } from '../harness/eventually.ts';
import { Endpoint, gateway } from '../harness/endpoint.ts';
import type { DatabaseKind, FreshDatabase } from '../harness/databases.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

export interface Keys {
  readonly applicationId: string;
  readonly apiKey: string;
}

export class Site {
  readonly data: string;
  readonly database: FreshDatabase;
  readonly keys: Keys;
  /** Keeps working after a restart, because the server keeps its port. */
  readonly client: Client;
  readonly console: ConsoleClient;
  #server: TestServer;
  readonly #endpoints: Endpoint[] = [];

  static async open(kind: DatabaseKind): Promise<Site> {
    const database = await kind.make();
    const data = await mkdtemp(join(tmpdir(), 'cordon-walk-'));
    const server = await serve(data, database);
    return new Site({ data, database, server, console: await server.console(), ...(await server.client()) });
  }

  private constructor(
    parts: Keys & {
      data: string;
      database: FreshDatabase;
      server: TestServer;
      console: ConsoleClient;
      client: Client;
    },
  ) {
    this.data = parts.data;
    this.database = parts.database;
    this.#server = parts.server;
    this.console = parts.console;
    this.client = parts.client;
    this.keys = { applicationId: parts.applicationId, apiKey: parts.apiKey };
  }

  get server(): TestServer {
    return this.#server;
  }

  /** Starts the server again on the same port after it has ended. */
  async startAgain(): Promise<void> {
    this.#server = await serve(this.data, this.database, new URL(this.#server.url).host);
  }

  /** An endpoint without an agent yet. */
  async endpoint(name: string): Promise<Endpoint> {
    const endpoint = await Endpoint.make(name, () => this.#server);
    this.#endpoints.push(endpoint);
    return endpoint;
  }

  /** An endpoint whose agent is enrolled, connected, and has reported. */
  async managed(name: string): Promise<Endpoint> {
    const [endpoint, { token }] = await Promise.all([
      this.endpoint(name),
      this.console.enrolment.addToken({ uses: 1 }),
    ]);
    await endpoint.enrol(token);
    endpoint.run();
    await this.arrival(endpoint);
    return endpoint;
  }

  /** Waits until the agent is connected and has reported the state of its kernel. */
  async arrival(endpoint: Endpoint): Promise<AgentDetails> {
    return eventually(`${endpoint.name} is connected and has reported`, async () => {
      const details = await this.details(endpoint);
      return details?.online === true && details.reportedEpoch === details.epoch ? details : undefined;
    });
  }

  /** What the console shows about the agent; undefined if it is not listed. */
  async details(endpoint: Endpoint): Promise<AgentDetails | undefined> {
    const [agent] = await this.client.agents.list({ hostName: endpoint.name });
    return agent === undefined ? undefined : this.console.agents.get(agent.entityId);
  }

  async isolate(endpoint: Endpoint): Promise<void> {
    await this.client.agents.isolate({ hostName: endpoint.name });
    await this.client.agents.waitFor({ hostName: endpoint.name }, 'isolated', { timeoutSeconds: 60 });
  }

  async restore(endpoint: Endpoint): Promise<void> {
    await this.client.agents.restore({ hostName: endpoint.name });
    await this.client.agents.waitFor({ hostName: endpoint.name }, 'normal', { timeoutSeconds: 60 });
  }

  async close(): Promise<void> {
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
    await this.#server.stop();
    await this.database.remove();
    await rm(this.data, { recursive: true, force: true });
  }
}

function serve(data: string, database: FreshDatabase, listen?: string): Promise<TestServer> {
  const environment = { CORDON_ADVERTISE: gateway };
  return startServer({ data, database: database.address, environment, ...(listen === undefined ? {} : { listen }) });
}
