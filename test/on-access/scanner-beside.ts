/** A scanner process beside on-access, in the same namespace: quarantines what on-access has matched. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WorkerServer } from '../../packages/agent/src/ipc/worker-server.ts';
import type { FileRule, Match, FromScanner } from '../../packages/agent/src/ipc/worker-messages.ts';
import { workersPath } from '../../packages/agent/src/ipc/paths.ts';
import { processName } from '../../packages/agent/src/kernel/process-name.ts';
import { agentProgram } from '../agent/paths.ts';
import { eventually } from '../harness/eventually.ts';
import type { Site } from './site.ts';

/** The protected files of all packages are listed first. */
const timeoutMs = 60_000;

export class ScannerBeside {
  readonly #state: string;
  readonly #server: WorkerServer;
  readonly #matches: Match[] = [];
  #protectedFilesListed = false;

  /** With these rules, and trusted by on-access. */
  static async open(site: Site, rules: readonly FileRule[]): Promise<ScannerBeside> {
    const { folder, files } = site.namespace;
    const environment = {
      CORDON_AGENT_SOCKET: join(folder, 'files.sock'),
      CORDON_AGENT_STATE: join(folder, 'state'),
      CORDON_AGENT_ON_ACCESS_ONLY: files,
    };
    const quarantine = new ScannerBeside(environment);
    await quarantine.#server.open();
    const { child } = site.namespace.start(process.execPath, [agentProgram, 'scanner', '--with-parent'], {
      environment,
      from: 'stderr',
    });
    await eventually(
      'the scanner process has listed the protected files',
      () => quarantine.#protectedFilesListed || undefined,
      { timeoutMs },
    );
    const name = processName(child.pid ?? 0);
    if (!name) throw new Error('The scanner process has ended.');
    site.enforcer.send({ type: 'trusted', processes: [name] });
    quarantine.#server.send('scanner', { type: 'rules', revision: 1, files: [...rules] });
    return quarantine;
  }

  private constructor(environment: { CORDON_AGENT_SOCKET: string; CORDON_AGENT_STATE: string }) {
    this.#state = environment.CORDON_AGENT_STATE;
    this.#server = new WorkerServer({
      path: workersPath(environment),
      opened: () => undefined,
      received: { 'on-access': () => undefined, scanner: (message) => this.#receive(message) },
      closed: () => undefined,
      misbehaved: (message) => {
        throw new Error(message);
      },
    });
  }

  /** Returns the result. */
  async take(match: Match): Promise<Match> {
    this.#server.send('scanner', { type: 'quarantine', match: match });
    return eventually('the result is reported', () =>
      this.#matches.find(({ file }) => file?.inode === match.file?.inode && file?.path.text === match.file?.path.text),
    );
  }

  /** The quarantined files that belong to this copy. */
  filesOf(copy: string): string[] {
    return readdirSync(join(this.#state, 'quarantine')).filter((name) => name.startsWith(copy));
  }

  close(): void {
    this.#server.close();
  }

  #receive(message: Exclude<FromScanner, { type: 'hello' }>): void {
    if (message.type === 'protected-files') this.#protectedFilesListed = true;
    if (message.type === 'match') this.#matches.push(message.match);
  }
}
