/** Runs the agent's parts as a process each, and starts again whichever dies, without touching the kernel itself. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from '../exit.ts';
import type { Log } from '../log.ts';
import { restartDelay } from './restart-delay.ts';

/** A process that does not end on SIGTERM by then is killed. */
const patience = 5000;

export type Part = 'enforcer' | 'link' | 'on-access' | 'scanner';

export class Supervisor {
  readonly #entry: string;
  readonly #deps: readonly Part[];
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #result = 0;
  #uninstalled = false;

  constructor(entry: string, deps: readonly Part[], log: Log) {
    this.#entry = entry;
    this.#deps = deps;
    this.#log = log;
  }

  /** 0 when stopped or uninstalled, otherwise the enforcer's reason not to run. */
  async run(stop: AbortSignal): Promise<number> {
    const forward = (): void => this.#stopping.abort();
    if (stop.aborted) forward();
    stop.addEventListener('abort', forward, { once: true });
    await Promise.all(this.#deps.map(async (part) => this.#keep(part)));
    return this.#result;
  }

  /** Whether that is why it has ended. */
  get uninstalled(): boolean {
    return this.#uninstalled;
  }

  async #keep(part: Part): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAt = Date.now();
      const code = await this.#runOnce(part);
      if (this.#stopping.signal.aborted || this.#isFinal(part, code)) break;
      const next = restartDelay(failures, Date.now() - startedAt);
      failures = next.failures;
      this.#log('restarting', { part, code, delay: next.delay });
      await sleep(next.delay, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // Stopped meanwhile: the loop looks.
    }
    this.#stopping.abort();
  }

  /** Uninstalled is a good end; not enrolled is for a person to mend. */
  #isFinal(part: Part, code: number | null): boolean {
    if (part !== 'enforcer') return false;
    if (code === exitCode.uninstalled) {
      this.#log('uninstalled');
      this.#uninstalled = true;
    }
    if (code === exitCode.notEnrolled) this.#result = exitCode.notEnrolled;
    return code === exitCode.uninstalled || code === exitCode.notEnrolled;
  }

  /** Its standard input is its lifeline: when we are killed it closes, and the process ends by itself. */
  async #runOnce(part: Part): Promise<number | null> {
    const child = spawn(process.execPath, [this.#entry, part, '--with-parent'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    this.#log('started', { part, pid: child.pid });
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
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  child.once('exit', () => clearTimeout(timer));
}
