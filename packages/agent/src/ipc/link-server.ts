/** The enforcer's only door: a UNIX socket that root and the link user can open, one link at a time. */
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { Lines } from './lines.ts';
import { decodeToEnforcer, longestLine } from './link-messages.ts';
import type { ToEnforcer, ToLink } from './link-messages.ts';
import { listenPrivately } from './listen.ts';

export interface DoorOptions {
  readonly path: string;
  /** Group that may open the door beside root; undefined when we are not root, and so are link. */
  readonly group: number | undefined;
  readonly opened: () => void;
  readonly received: (message: ToEnforcer) => void;
  /** Link sent something that is no message; its connection is closed. */
  readonly misbehaved: (message: string) => void;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #server: Server;
  #link: Socket | undefined;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  async open(): Promise<void> {
    const { path, group } = this.#options;
    await refuseIfAnswered(path);
    makeFolderFor(path, group);
    await listenPrivately(this.#server, path);
    // Opened to the group only once it belongs to the group.
    if (group === undefined) return;
    chownSync(path, 0, group);
    chmodSync(path, 0o660);
  }

  tell(message: ToLink): void {
    this.#link?.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#link?.destroy();
    this.#server.close();
  }

  /** A new link takes the place of the old one, which may be hanging. */
  #welcome(socket: Socket): void {
    this.#link?.destroy();
    this.#link = socket;
    const lines = new Lines(longestLine);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#link === socket) this.#link = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      const complete = lines.push(chunk);
      if (complete) this.#receive(socket, complete);
      else this.#turnAway(socket, `A line longer than ${longestLine} characters came from link.`);
    });
    this.#options.opened();
  }

  #receive(socket: Socket, lines: readonly string[]): void {
    for (const line of lines) {
      if (socket.destroyed) return;
      const message = decodeToEnforcer(line);
      if (!message) return this.#turnAway(socket, 'A line that is no known message came from link.');
      this.#options.received(message);
    }
  }

  #turnAway(socket: Socket, message: string): void {
    socket.destroy();
    this.#options.misbehaved(message);
  }
}

/** Two enforcers would fight over the tables. */
async function refuseIfAnswered(path: string): Promise<void> {
  if (await answers(path)) {
    throw new Error(`Another enforcer answers at ${path}. Stop it first: systemctl stop cordon-enforcer`);
  }
}

export function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function makeFolderFor(path: string, group: number | undefined): void {
  const folder = dirname(path);
  const made = mkdirSync(folder, { recursive: true, mode: 0o750 });
  if (made !== undefined && group !== undefined) chownSync(folder, 0, group);
  if ((statSync(folder).mode & 0o002) !== 0) {
    throw new Error(
      `Everybody may write in ${folder}, so anybody could take the place of ${path}. Choose another folder.`,
    );
  }
}
