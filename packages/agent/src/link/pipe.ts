/** Link's end of the UNIX socket to the enforcer. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Lines } from '../ipc/lines.ts';
import { decodeToLink, longestLine } from '../ipc/link-messages.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';

export class Pipe {
  readonly #socket: Socket;
  readonly #ended = Promise.withResolvers<void>();

  /** Waits for an enforcer that is still starting, up to `patience` milliseconds. */
  static async open(path: string, patience: number, stop: AbortSignal): Promise<Pipe> {
    const deadline = Date.now() + patience;
    for (;;) {
      const socket = await tryConnect(path);
      if (socket instanceof Error) {
        if (Date.now() >= deadline || stop.aborted)
          throw new Error(`The enforcer does not answer at ${path}: ${socket.message}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      } else {
        return new Pipe(socket);
      }
    }
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#ended.resolve());
  }

  /** Settles when the enforcer is gone, or talks nonsense. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  listen(received: (message: ToLink) => void): void {
    const lines = new Lines(longestLine);
    this.#socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk) ?? [undefined]) {
        const message = line === undefined ? undefined : decodeToLink(line);
        if (message) received(message);
        else this.#socket.destroy();
      }
    });
  }

  tell(message: ToEnforcer): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function tryConnect(path: string): Promise<Socket | Error> {
  const { promise, resolve } = Promise.withResolvers<Socket | Error>();
  const socket = connect(path);
  socket.once('connect', () => resolve(socket));
  socket.once('error', resolve);
  return promise;
}
