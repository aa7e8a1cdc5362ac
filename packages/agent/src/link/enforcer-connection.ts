/** Link's connection to the enforcer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../ipc/line-socket.ts';
import type { LineSocket } from '../ipc/line-socket.ts';
import { decodeToLink, maxLinkLine } from '../ipc/link-messages.ts';
import type { ToEnforcer, ToLink } from '../ipc/link-messages.ts';
import { messageOf } from '../message-of.ts';

const retryIntervalMs = 50;

export class EnforcerConnection {
  readonly #socket: LineSocket;
  readonly #ended = Promise.withResolvers<void>();

  /** Waits for an enforcer that is still starting. */
  static async open(path: string, connectTimeoutMs: number, stop: AbortSignal): Promise<EnforcerConnection> {
    const deadline = Date.now() + connectTimeoutMs;
    for (;;) {
      try {
        return new EnforcerConnection(await connectTo(path));
      } catch (error) {
        if (Date.now() >= deadline || stop.aborted)
          throw new Error(`The enforcer does not answer at ${path}: ${messageOf(error)}`, { cause: error });
        await sleep(retryIntervalMs);
      }
    }
  }

  private constructor(socket: LineSocket) {
    this.#socket = socket;
  }

  /** Settles when the enforcer is gone, or sends something that is no message. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  listen(received: (message: ToLink) => void): void {
    this.#socket.listen({
      maxLength: maxLinkLine,
      received: (line) => {
        const message = decodeToLink(line);
        if (message) received(message);
        return message !== undefined;
      },
      closed: () => this.#ended.resolve(),
    });
  }

  send(message: ToEnforcer): void {
    this.#socket.send(message);
  }

  close(): void {
    this.#socket.close();
  }
}
