/** The command line with a real server, signed in as its first Administrator, and simulated endpoints. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonProcess } from '../harness/json-process.ts';
import { agentProgram } from '../agent/paths.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { Harness } from './harness.ts';
import type { Served } from './harness.ts';

/** An agent is five programs; each takes seconds to start on a busy machine. */
const startTimeoutMs = 120_000;

export class RealServer {
  readonly harness: Harness<Served>;
  /** Holds the server's data, the command line's files, and each endpoint's state under its name. */
  readonly data: string;
  #server: TestServer;
  readonly #agents: JsonProcess[] = [];

  static async start(): Promise<RealServer> {
    const data = await mkdtemp(join(tmpdir(), 'cordon-cli-real-'));
    const server = await startServer({ data, listen: `127.0.0.1:${await freePort()}` });
    const { applicationId, apiKey } = await server.client();
    const real = new RealServer(server, { applicationId, apiKey });
    await real.signIn();
    return real;
  }

  private constructor(server: TestServer, keys: Pick<Served, 'applicationId' | 'apiKey'>) {
    const { url, fingerprint, data } = server;
    this.#server = server;
    this.data = data;
    this.harness = new Harness({ url, fingerprint, ...keys, close: () => this.#server.stop() }, data);
  }

  /** The server that is running now. */
  get server(): TestServer {
    return this.#server;
  }

  /** As the first Administrator; otherwise the last person to sign in is used. */
  async signIn(): Promise<void> {
    const { admin } = JSON.parse(await readFile(join(this.data, 'first-run.json'), 'utf8'));
    await this.harness.writeFirstRun({ admin });
    const { code, err } = await this.harness.run('login --from first-run.json --connection default');
    if (code !== 0) throw new Error(err);
  }

  /** An endpoint that is enrolled, connected, and has reported. */
  async endpoint(name: string): Promise<void> {
    const { out: made } = await this.harness.run('enrol-token --json');
    const enrolled = await this.agent(name, 'enrol', String(JSON.parse(made).token)).exited;
    if (enrolled !== 0) throw new Error(`${name} could not be enrolled (${enrolled}).`);
    this.agent(name, 'run', '--with-parent');
    const hasReported = async (): Promise<true | undefined> => {
      const { code, out } = await this.harness.run(`agents show ${name} --json`);
      // Presence is stored in batches; an agent not stored yet counts as offline, and commands do not wait for it.
      return code === 0 && JSON.parse(out).reportedAt !== null && JSON.parse(out).online ? true : undefined;
    };
    await eventually(`${name} has reported`, hasReported, { timeoutMs: startTimeoutMs });
  }

  /** Runs `cordon-agent` on the endpoint of that name. */
  agent(name: string, ...args: string[]): JsonProcess {
    const environment = {
      CORDON_AGENT_STATE: join(this.data, name),
      CORDON_AGENT_SIMULATED: '1',
      CORDON_AGENT_HOST_NAME: name,
    };
    const program = new JsonProcess(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
    this.#agents.push(program);
    return program;
  }

  async switchOffEndpoints(): Promise<void> {
    for (const one of this.#agents) one.child.stdin?.end();
    await Promise.all(this.#agents.map((one) => one.exited));
  }

  /** Restarts the server on the same port, after changing its data. */
  async restartAfter(act: () => void): Promise<void> {
    await this.#server.kill('SIGTERM');
    act();
    this.#server = await startServer({ data: this.data, listen: new URL(this.#server.url).host });
  }

  /** Ends everything, and removes the folder. */
  async stop(): Promise<void> {
    await this.switchOffEndpoints();
    await this.harness.stop();
  }
}
