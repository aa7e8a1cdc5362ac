/** Watch's end of its watchdog: starts it, and shows it signs of life. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { entryPoint } from '../../entry.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';

const pause = 1000;
/** A watchdog that does not even read is not worth more memory. */
const maxUnread = 4096;
const ownProgram = [process.execPath, entryPoint(), 'watchdog'] as const;

export class Guard {
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

  /** Settles when it runs. Rejects when it cannot be started; that is tried again all the same. */
  async start(): Promise<void> {
    if (this.pid === undefined) await once(this.#spawn(), 'spawn');
  }

  /** Of the one that runs: the number of one that has ended may be another's by now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** We live, and shall again within so many milliseconds; 0 means that it does not matter. */
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
    // The limit is an argument, for we may be stopped before we come to the next sign of life.
    const child = spawn(program, [...args, String(this.#limit)], { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#child = child;
    child.stdin?.on('error', () => undefined); // Its end is heard of below.
    child.once('error', (error) => {
      this.#log('watchdog failed', { message: messageOf(error) });
      // One that could not be started has no end to be heard of.
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
        // Without memory for it, for one, Node throws instead of telling.
        this.#log('watchdog failed', { message: messageOf(error) });
        this.#spawnSoon();
      }
    }, pause);
  }
}
