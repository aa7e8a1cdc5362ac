/** A scanner process as the agent starts it, with this test in the enforcer's place. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkerServer } from '../../packages/agent/src/ipc/worker-server.ts';
import type { FileRule, Match, FromScanner, ToScanner } from '../../packages/agent/src/ipc/worker-messages.ts';
import { eventually } from '../harness/eventually.ts';

type Progress = Extract<FromScanner, { type: 'progress' }>;
type SweepRequest = Extract<ToScanner, { type: 'sweep' }>;

const entry = fileURLToPath(new URL('../../packages/agent/bin/cordon-agent.mjs', import.meta.url));

export class Site {
  readonly folder: string;
  /** What is swept. */
  readonly tree: string;
  readonly state: string;
  readonly matches: Match[] = [];
  readonly progress: Progress[] = [];
  /** Why the quarantine does not work, as last reported. */
  quarantine: string | null | undefined;
  protectedFileLists = 0;
  came = 0;
  errors = '';
  #child: ChildProcess | undefined;
  readonly #server: WorkerServer;

  private constructor(folder: string) {
    this.folder = folder;
    this.tree = join(folder, 'tree');
    this.state = join(folder, 'state');
    for (const made of [this.tree, this.state]) mkdirSync(made);
    this.#server = new WorkerServer({
      path: join(folder, 'e.sock.workers'),
      opened: () => (this.came += 1),
      received: { 'on-access': () => undefined, scanner: (message) => this.#received(message) },
      closed: () => undefined,
      misbehaved: (message: string) => (this.errors += `${message}\n`),
    });
  }

  static async open(): Promise<Site> {
    const site = new Site(realpathSync(mkdtempSync(join(tmpdir(), 'cordon-files-'))));
    await site.#server.open();
    return site;
  }

  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const [came, protectedFileLists] = [this.came, this.protectedFileLists];
    this.#child = spawn(process.execPath, [entry, 'scanner', '--with-parent'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: {
        ...process.env,
        CORDON_AGENT_STATE: this.state,
        CORDON_AGENT_SOCKET: join(this.folder, 'e.sock'),
        // Each sweep names its folder; without one it would be refused where the test does not limit it.
        CORDON_AGENT_ON_ACCESS_ONLY: '/',
        ...environment,
      },
    });
    this.#child.stderr?.on('data', (text: Buffer) => (this.errors += text.toString()));
    await eventually('the scanner process came', () => this.came > came || undefined);
    await eventually('it listed the protected files', () => this.protectedFileLists > protectedFileLists || undefined);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  send(message: ToScanner): void {
    if (!this.#server.send('scanner', message)) throw new Error('The scanner process is not there.');
  }

  rules(...files: FileRule[]): void {
    this.send({ type: 'rules', revision: 1, files });
  }

  sweep(more: Partial<SweepRequest> = {}): void {
    this.send({
      type: 'sweep',
      task: 'one',
      find: null,
      roots: [this.tree],
      act: true,
      megabytesPerSecond: 0,
      ...more,
    });
  }

  /** The end of a task. */
  async ended(task = 'one'): Promise<Progress> {
    const ask = (): Progress | undefined => this.progress.find((one) => one.task === task && one.state !== 'running');
    return eventually(`${task} ended`, ask, { instead: () => this.#described() });
  }

  async close(): Promise<void> {
    await this.kill();
    this.#server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where it is, thread by thread, for a failure that nobody can repeat. */
  #described(): string {
    const pid = this.#child?.pid;
    const threads = pid === undefined ? [] : readdirSync(`/proc/${pid}/task`).map((thread) => threadOf(pid, thread));
    const { matches, progress, errors } = this;
    return JSON.stringify({ matches: matches.length, progress, errors, threads, load: loadavg() }, undefined, 1);
  }

  #received(message: Exclude<FromScanner, { type: 'hello' }>): void {
    if (message.type === 'match') this.matches.push(message.match);
    if (message.type === 'progress') this.progress.push(message);
    if (message.type === 'quarantine-state') this.quarantine = message.message;
    if (message.type === 'protected-files') this.protectedFileLists += 1;
  }
}

/** Its state, processor time in ticks and niceness, and what it waits for in the kernel. */
function threadOf(pid: number, thread: string): string {
  const read = (name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/${name}`, 'utf8').trim();
    } catch {
      return '?';
    }
  };
  const [state, ...rest] = read('stat').split(') ')[1]?.split(' ') ?? [];
  const [user, system, , , , niceness] = rest.slice(10);
  return `${read('comm')} ${state} user ${user} system ${system} nice ${niceness} ${read('wchan')} ${read('syscall')}`;
}

export function sha1Of(content: Buffer | string): string {
  return createHash('sha1').update(content).digest('hex').toUpperCase();
}

export function ruleFor(content: Buffer | string, more: Partial<FileRule> = {}): FileRule {
  const sha1 = sha1Of(content);
  return { type: 'file_sha1', sha1, size: null, action: 'quarantine', expiresAt: null, confirmed: false, ...more };
}
