/** A files process beside a watch, in the same namespace: takes away what watch has met, into a vault of its own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WorkerServer } from '../../packages/agent/src/ipc/worker-server.ts';
import type { FileRule, Finding, FromScanner } from '../../packages/agent/src/ipc/worker-messages.ts';
import { workersPath } from '../../packages/agent/src/ipc/paths.ts';
import { processName } from '../../packages/agent/src/ipc/process-name.ts';
import { agentProgram } from '../agent/place.ts';
import { eventually } from '../harness/eventually.ts';
import type { Site } from './site.ts';

/** The shield is made first, of all packages of the machine. */
const patience = 60_000;

export class VaultBeside {
  readonly #state: string;
  readonly #door: WorkerServer;
  readonly #findings: Finding[] = [];
  #shielded = false;

  /** With these rules, and trusted by watch. */
  static async open(site: Site, rules: readonly FileRule[]): Promise<VaultBeside> {
    const { folder, files } = site.namespace;
    const environment = {
      CORDON_AGENT_SOCKET: join(folder, 'files.sock'),
      CORDON_AGENT_STATE: join(folder, 'state'),
      CORDON_AGENT_ON_ACCESS_ONLY: files,
    };
    const vault = new VaultBeside(environment);
    await vault.#door.open();
    const { child } = site.namespace.start(process.execPath, [agentProgram, 'scanner', '--with-parent'], {
      environment,
      from: 'stderr',
    });
    await eventually('the files process has its shield', () => vault.#shielded || undefined, { patience });
    const name = processName(child.pid ?? 0);
    if (!name) throw new Error('The files process has ended.');
    site.enforcer.tell({ type: 'trusted', processes: [name] });
    vault.#door.tell('scanner', { type: 'rules', revision: 1, files: [...rules] });
    return vault;
  }

  private constructor(environment: { CORDON_AGENT_SOCKET: string; CORDON_AGENT_STATE: string }) {
    this.#state = environment.CORDON_AGENT_STATE;
    this.#door = new WorkerServer({
      path: workersPath(environment),
      opened: () => undefined,
      received: { 'on-access': () => undefined, scanner: (message) => this.#hear(message) },
      closed: () => undefined,
      misbehaved: (message) => {
        throw new Error(message);
      },
    });
  }

  /** What came of it. */
  async take(met: Finding): Promise<Finding> {
    this.#door.tell('scanner', { type: 'quarantine', detection: met });
    return eventually('it is told what came of it', () =>
      this.#findings.find(({ file }) => file?.inode === met.file?.inode && file?.path.text === met.file?.path.text),
    );
  }

  /** The files in the vault that belong to this copy. */
  filesOf(copy: string): string[] {
    return readdirSync(join(this.#state, 'vault')).filter((name) => name.startsWith(copy));
  }

  close(): void {
    this.#door.close();
  }

  #hear(message: Exclude<FromScanner, { type: 'hello' }>): void {
    if (message.type === 'shield') this.#shielded = true;
    if (message.type === 'detection') this.#findings.push(message.detection);
  }
}
