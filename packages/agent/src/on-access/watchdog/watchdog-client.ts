/** Starts the watchdog of on-access, and sends it signs of life. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { entryPoint } from '../../entry.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';

const retryMs = 1000;
/** A watchdog that does not read gets no more of our memory. */
const maxUnread = 4096;
const ownProgram = [process.execPath, entryPoint(), 'watchdog'] as const;

export class WatchdogClient {
  readonly #log: Log;
  readonly #program: readonly [string, ...string[]];
  #child: ChildProcess | undefined;
  #ended = false;
  #limit = 0;
  #again: NodeJS.Timeout | undefined;

  constructor(log: Log, program: readonly [string, ...string[]] = ownProgram) {
    this.#log = log;
    this.#program = program;
  }

  /** Settles when it runs. Rejects when it cannot be started; it is tried again anyway. */
  async start(): Promise<void> {
    if (this.pid === undefined) await once(this.#spawn(), 'spawn');
  }

  /** Undefined once it has ended: another process may have the number by now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** We are alive, and will say so again within this time; 0 is no limit. */
  beat(limit: number): void {
    this.#limit = limit;
    const input = this.#child?.stdin;
    if (input && input.writableLength < maxUnread) input.write(`${limit}\n`);
  }

  stop(): void {
    this.#ended = true;
    clearTimeout(this.#again);
    this.#child?.stdin?.destroy();
  }

  #spawn(): ChildProcess {
    clearTimeout(this.#again);
    const [program, ...args] = this.#program;
    // The limit is an argument: we may be stopped before the next sign of life.
    const child = spawn(program, [...args, String(this.#limit)], { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#child = child;
    child.stdin?.on('error', () => undefined); // Its end is handled below.
    child.once('error', (error) => {
      this.#log('watchdog failed', { message: messageOf(error) });
      // One that could not be started has no exit event.
      if (child.pid === undefined) this.#spawnSoon();
    });
    child.once('exit', (code) => {
      if (!this.#ended) this.#log('watchdog ended', { code });
      this.#spawnSoon();
    });
    return child;
  }

  #spawnSoon(): void {
    this.#child = undefined;
    if (this.#ended) return;
    this.#again = setTimeout(() => {
      try {
        this.#spawn();
      } catch (error) {
        // Without memory, for example, Node throws instead of emitting an error.
        this.#log('watchdog failed', { message: messageOf(error) });
        this.#spawnSoon();
      }
    }, retryMs);
  }
}
