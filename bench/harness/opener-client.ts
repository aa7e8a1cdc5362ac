/** Runs `opener.ts`, and has it open files. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenerRequest, OpenerAnswer } from './opener.ts';

const pauseMs = 20;

export class Opener {
  readonly #child: ChildProcess = fork(new URL('opener.ts', import.meta.url));

  async open(paths: readonly string[]): Promise<number[]> {
    return this.#samples({ do: 'open', paths });
  }

  async run(path: string, times: number): Promise<number[]> {
    return this.#samples({ do: 'run', path, times });
  }

  /** Waits until opening the file is refused, or is not. */
  async until(refused: boolean, path: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const answer = await this.#ask({ do: 'probe', path });
      const code = 'code' in answer ? answer.code : 'failed';
      if ((code === 'EPERM' || code === 'EACCES') === refused) return;
      if (performance.now() > deadline) throw new Error(`${path} is ${refused ? 'not ' : ''}refused (${code}).`);
      await sleep(pauseMs);
    }
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #samples(asked: OpenerRequest): Promise<number[]> {
    const answer = await this.#ask(asked);
    if ('samples' in answer) return answer.samples;
    throw new Error('failed' in answer ? answer.failed : answer.code);
  }

  async #ask(asked: OpenerRequest): Promise<OpenerAnswer> {
    this.#child.send(asked);
    const [answer]: OpenerAnswer[] = await once(this.#child, 'message');
    if (!answer) throw new Error('The opener sent no answer.');
    return answer;
  }
}
