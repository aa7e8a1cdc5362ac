/** Speaks to the guest agent of a virtual machine: it needs no network, so it works while the machine is isolated. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lines } from '../../../packages/agent/src/ipc/line-socket.ts';

const pollMs = 200;
const maxLine = 64_000_000;

type Answer = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly code: number;
  readonly output: string;
}

export class GuestAgent {
  readonly #socket: Socket;
  readonly #lines = new Lines(maxLine);
  #waiting: ((answer: Answer) => void) | undefined;

  /** `path`: the UNIX socket of qemu's serial port. */
  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('data', (chunk: Buffer) => {
      // 0xff is its mark before the answer to a synchronisation.
      for (const line of this.#lines.push(Buffer.from(chunk.filter((byte) => byte !== 0xff))) ?? [])
        if (line.trim() !== '') this.#waiting?.(Object(JSON.parse(line)));
    });
  }

  /** Resolves once the guest answers; false when it has not within this time. */
  async answers(timeoutMs: number): Promise<boolean> {
    const id = Math.floor(Math.random() * 2 ** 31);
    const answer = await this.#ask('guest-sync', { id }, timeoutMs);
    return answer?.['return'] === id;
  }

  /** Runs a shell command as root; both streams, as a terminal shows them. */
  async run(command: string, timeoutMs: number): Promise<Ended> {
    const until = Date.now() + timeoutMs;
    const asked = { path: '/bin/sh', arg: ['-c', `exec 2>&1; cd; ${command}`], 'capture-output': true };
    const started = await this.#ask('guest-exec', asked, timeoutMs);
    const pid = Object(started?.['return'])['pid'];
    if (typeof pid !== 'number') throw new Error(`The guest did not start "${command}": ${JSON.stringify(started)}`);
    while (Date.now() < until) {
      const status = await this.#ask('guest-exec-status', { pid }, timeoutMs);
      const { exited, exitcode, 'out-data': out } = Object(status?.['return']);
      if (exited === true)
        return { code: Number(exitcode ?? 255), output: Buffer.from(String(out ?? ''), 'base64').toString() };
      await sleep(pollMs);
    }
    throw new Error(`"${command}" did not end within ${timeoutMs / 1000} s.`);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(execute: string, args: object, timeoutMs: number): Promise<Answer | undefined> {
    if (this.#socket.destroyed) return undefined;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const unanswered = (): void => resolve(undefined);
    const timer = setTimeout(unanswered, timeoutMs);
    this.#socket.once('close', unanswered);
    this.#waiting = resolve;
    this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#socket.off('close', unanswered);
      this.#waiting = undefined;
    }
  }
}
