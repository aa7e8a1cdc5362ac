/** Child processes of an evaluation: logged to files, watched, and ended in order. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface DesiredState {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Everything it prints goes here. */
  readonly log: string;
  /** Hears each line of its standard output. */
  readonly onLine?: (line: string) => void;
}

const stopTimeoutMs = 8000;

/**
 * One child. It has an IPC channel, and ends by itself when that closes: so nothing is left behind even when this
 * process is killed.
 */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;
  #hasEnded = false;

  constructor(desired: DesiredState) {
    this.name = desired.name;
    this.#process = spawn(desired.command, desired.args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...desired.environment },
      // Its own group: Ctrl-C in the terminal is for us, and we end the children in order.
      detached: true,
    });
    const log = createWriteStream(desired.log, { flags: 'a', mode: 0o600 });
    this.#process.stdout?.pipe(log);
    this.#process.stderr?.pipe(log);
    if (desired.onLine !== undefined) readLines(this.#process, desired.onLine);
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve(`could not be started: ${error.message}`));
      this.#process.on('exit', (code, signal) =>
        resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
      );
    });
    void this.#ended.then(() => {
      this.#hasEnded = true;
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves with how it ended. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#process.on('message', listener);
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), stopTimeoutMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}
