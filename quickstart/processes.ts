/** Child processes of the quickstart: logged to files, observed, and stopped in order. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The file for its output. */
  readonly log: string;
  /** Called with each line of its standard output. */
  readonly onLine?: (line: string) => void;
}

const stopTimeoutMs = 8000;
/** The reason for an end is in the last lines; a stack would hide it. */
const maxErrorCharacters = 2000;

/**
 * One child. It has an IPC channel, and ends by itself when that closes, so nothing is left behind even if this process
 * is killed.
 */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;
  #hasEnded = false;
  #errors = '';

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#process = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...options.environment },
      // Its own group, so that Ctrl-C in the terminal reaches only us; we stop the children in order.
      detached: true,
    });
    const log = createWriteStream(options.log, { flags: 'a', mode: 0o600 });
    this.#process.stdout?.pipe(log);
    this.#process.stderr?.pipe(log);
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString('utf8')).slice(-maxErrorCharacters);
    });
    if (options.onLine !== undefined) readLines(this.#process, options.onLine);
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

  /** The end of what it wrote to standard error. */
  get errors(): string {
    return this.#errors.trim();
  }

  /** Resolves with a description of how it ended. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#process.on('message', listener);
  }

  /** Asks it to end, and kills it if it does not. */
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
