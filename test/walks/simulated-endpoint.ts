/** A real agent with a simulated kernel, on loopback: for tests that need neither packets nor root. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonProcess } from '../harness/json-process.ts';
import { agentProgram, temporaryFolder } from '../agent/paths.ts';

export class SimulatedEndpoint {
  readonly name: string;
  readonly #folder = temporaryFolder();
  #agent: JsonProcess | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async enrol(token: string): Promise<void> {
    const enrolment = this.#start('enrol', token);
    if ((await enrolment.exited) !== 0) throw new Error(JSON.stringify(enrolment.eventsLike({})));
  }

  run(): void {
    this.#agent = this.#start('run', '--with-parent');
  }

  async stop(): Promise<void> {
    this.#agent?.child.stdin?.end();
    await this.#agent?.exited;
    this.#agent = undefined;
  }

  /** The kernel's state, as `cordon-agent status` shows it. */
  held(): string {
    const args = [agentProgram, 'status', '--json'];
    const status: unknown = JSON.parse(
      execFileSync(process.execPath, args, { env: this.#environment(), encoding: 'utf8' }),
    );
    return String(Object(status).kernel.isolation);
  }

  /** The contents of its suspicious-object list. */
  objects(): string[] {
    const folder = join(this.#state, 'objects');
    const held = new Set<string>();
    for (const name of readdirSync(folder).sort()) {
      const { document } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const page: { put: { content: string }[]; remove: { content: string }[] } = JSON.parse(document);
      for (const { content } of page.remove) held.delete(content);
      for (const { content } of page.put) held.add(content);
    }
    return [...held].sort();
  }

  async close(): Promise<void> {
    await this.stop();
    this.#folder.remove();
  }

  get #state(): string {
    return join(this.#folder.path, 'state');
  }

  #start(...args: string[]): JsonProcess {
    return new JsonProcess(process.execPath, [agentProgram, ...args], {
      environment: this.#environment(),
      from: 'stderr',
    });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      CORDON_AGENT_STATE: this.#state,
      CORDON_AGENT_HOST_NAME: this.name,
      CORDON_AGENT_SIMULATED: '1',
    };
  }
}
