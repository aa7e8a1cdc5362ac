/** A server and real agents, each on its own cable, for measurements inside namespaces. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@cordon/sdk';
import { Namespace } from '../../test/harness/network-namespace.ts';
import type { JsonProcess } from '../../test/harness/json-process.ts';
import { agentProgram } from '../../test/agent/paths.ts';
import { startServer } from '../../test/harness/server.ts';
import type { TestServer } from '../../test/harness/server.ts';

const gateway = '10.9.0.1:8443';
const tokenSeconds = 3600;

export interface EndpointPlan {
  readonly name: string;
  /** The only filesystem that its agent may watch. */
  readonly point: string;
  /** From its sources by default. */
  readonly program?: string;
}

export class Fleet {
  readonly server: TestServer;
  readonly client: Client;
  /** Where agents find the server. */
  readonly url = `https://${gateway}`;
  readonly #folder: string;
  readonly #token: string;
  readonly #hosts: Namespace[] = [];

  /** `folder` is on a disk, so that durable writes cost what they cost in production. */
  static async start(folder: string): Promise<Fleet> {
    for (const line of ['link set lo up', 'link add bridge0 type bridge', 'addr add 10.9.0.1/24 dev bridge0']) ip(line);
    ip('link set bridge0 up');
    const data = join(folder, 'server');
    mkdirSync(data);
    const environment = { CORDON_GATEWAY_LISTEN: gateway, CORDON_ADVERTISE: gateway };
    const server = await startServer({ data, environment });
    const console = await server.console();
    await console.groups.put('default', { onAccess: 'enforce' });
    const { token } = await console.enrolment.addToken({ uses: 1000, validSeconds: tokenSeconds, note: 'bench' });
    const { client } = await server.client();
    return new Fleet({ folder, server, client, token });
  }

  private constructor(made: { folder: string; server: TestServer; client: Client; token: string }) {
    this.#folder = made.folder;
    this.server = made.server;
    this.client = made.client;
    this.#token = made.token;
  }

  get token(): string {
    return this.#token;
  }

  /** Enrols and runs an agent; settles when it is connected. */
  async endpoint({ name, point, program = agentProgram }: EndpointPlan): Promise<JsonProcess> {
    const host = await Namespace.make();
    this.#hosts.push(host);
    const number = this.#hosts.length;
    ip(`link add port${number} type veth peer name eth0 netns ${host.pid}`);
    ip(`link set port${number} master bridge0 up`);
    host.ip(`addr add 10.9.0.${number + 1}/24 dev eth0`);
    host.ip('link set eth0 up');
    const environment = {
      CORDON_AGENT_STATE: join(this.#folder, name),
      CORDON_AGENT_HOST_NAME: name,
      CORDON_AGENT_USER: 'nobody',
      CORDON_AGENT_ON_ACCESS_ONLY: point,
    };
    const start = (...args: string[]): JsonProcess =>
      host.start(process.execPath, [program, ...args], { environment, from: 'stderr' });
    const code = await start('enrol', this.#token).exited;
    if (code !== 0) throw new Error(`Enrolling ended with ${code}.`);
    const agent = start('run', '--with-parent');
    await agent.next({ event: 'connected' });
    return agent;
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) host.close();
    await this.server.kill('SIGKILL');
  }
}

function ip(line: string): void {
  execFileSync('ip', line.split(' '));
}
