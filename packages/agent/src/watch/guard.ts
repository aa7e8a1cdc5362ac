/** Watch's end of its watchdog: starts it, and shows it signs of life. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { entryPoint } from '../entry.ts';
import type { Log } from '../log.ts';
import { sentenceOf } from '../sentence.ts';

const pause = 1000;
/** A watchdog that does not even read is not worth more memory. */
const mostUnread = 4096;

export class Guard {
  readonly #log: Log;
  #child: ChildProcess | undefined;
  #ended = false;
  #limit = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Settles when it runs. */
  async start(): Promise<void> {
    const child = this.#spawn();
    await once(child, 'spawn');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** We live, and shall again within so many milliseconds; 0 means that it does not matter. */
  beat(limit: number): void {
    this.#limit = limit;
    const input = this.#child?.stdin;
    if (input && input.writableLength < mostUnread) input.write(`${limit}\n`);
  }

  stop(): void {
    this.#ended = true;
    this.#child?.stdin?.destroy();
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [entryPoint(), 'watchdog'], { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#child = child;
    child.stdin?.on('error', () => undefined); // Its end is heard of below.
    // At once, for we may be stopped before we come to the next sign of life.
    if (this.#limit > 0) this.beat(this.#limit);
    child.once('error', (error) => this.#log('watchdog failed', { sentence: sentenceOf(error) }));
    child.once('exit', (code) => {
      if (this.#ended) return;
      this.#log('watchdog ended', { code });
      setTimeout(() => this.#spawn(), pause);
    });
    return child;
  }
}
