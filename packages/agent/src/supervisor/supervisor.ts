/** Runs the agent's processes, and restarts those that die. It makes no system calls of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from '../exit.ts';
import type { Log } from '../log.ts';
import { restartDelay } from './restart-delay.ts';

/** A process that has not ended so long after SIGTERM is killed. */
const endTimeoutMs = 5000;

export type AgentProcess = 'enforcer' | 'link' | 'on-access' | 'scanner';

export class Supervisor {
  readonly #entry: string;
  readonly #processes: readonly AgentProcess[];
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #result = 0;
  #uninstalled = false;

  constructor(entry: string, processes: readonly AgentProcess[], log: Log) {
    this.#entry = entry;
    this.#processes = processes;
    this.#log = log;
  }

  /** 0 when stopped or uninstalled, otherwise the enforcer's reason not to run. */
  async run(stop: AbortSignal): Promise<number> {
    const forward = (): void => this.#stopping.abort();
    if (stop.aborted) forward();
    stop.addEventListener('abort', forward, { once: true });
    await Promise.all(this.#processes.map(async (name) => this.#keepRunning(name)));
    return this.#result;
  }

  /** Whether it ended because the endpoint was uninstalled. */
  get uninstalled(): boolean {
    return this.#uninstalled;
  }

  async #keepRunning(name: AgentProcess): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAt = Date.now();
      const code = await this.#runOnce(name);
      if (this.#stopping.signal.aborted || this.#isFinal(name, code)) break;
      const next = restartDelay(failures, Date.now() - startedAt);
      failures = next.failures;
      this.#log('restarting', { process: name, code, delay: next.delay });
      await sleep(next.delay, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // Stopped meanwhile: the loop ends.
    }
    this.#stopping.abort();
  }

  /** Uninstalled is a good end. Not enrolled needs a person. */
  #isFinal(name: AgentProcess, code: number | null): boolean {
    if (name !== 'enforcer') return false;
    if (code === exitCode.uninstalled) {
      this.#log('uninstalled');
      this.#uninstalled = true;
    }
    if (code === exitCode.notEnrolled) this.#result = exitCode.notEnrolled;
    return code === exitCode.uninstalled || code === exitCode.notEnrolled;
  }

  /** When we are killed, its standard input closes, and the process ends by itself. */
  async #runOnce(name: AgentProcess): Promise<number | null> {
    const child = spawn(process.execPath, [this.#entry, name, '--with-parent'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    this.#log('started', { process: name, pid: child.pid });
    const exited = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => resolve(null));
    });
    const stop = (): void => endGently(child);
    this.#stopping.signal.addEventListener('abort', stop, { once: true });
    const code = await exited;
    this.#stopping.signal.removeEventListener('abort', stop);
    return code;
  }
}

function endGently(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
  child.once('exit', () => clearTimeout(timer));
}
