/** Listens on a UNIX socket for its owner, and for one group if there is one. */
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { removeIfThere } from '../fs/durable.ts';
import { LineSocket } from './line-socket.ts';

export interface SocketServerOptions {
  readonly path: string;
  /** May connect beside the owner. */
  readonly group?: number | undefined;
  /** A connection on which nothing happens for this long is closed; `setIdleTimeout` changes that for one of them. */
  readonly idleTimeoutMs?: number;
  readonly connected: (connection: LineSocket) => void;
}

export class SocketServer {
  readonly #options: SocketServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      const connection = new LineSocket(socket);
      if (options.idleTimeoutMs !== undefined) connection.setIdleTimeout(options.idleTimeoutMs);
      options.connected(connection);
    });
  }

  /** Replaces a socket that an earlier process left there. */
  async open(): Promise<void> {
    const { path, group } = this.#options;
    makeFolderFor(path, group);
    removeIfThere(path);
    await this.#listen(path);
    if (group === undefined) return;
    // Opened to the group only once it belongs to the group.
    chownSync(path, 0, group);
    chmodSync(path, 0o660);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** The umask makes it 0600, so there is no moment in which it is more. */
  #listen(path: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    const umask = process.umask(0o177);
    this.#server.listen(path, resolve);
    process.umask(umask);
    return promise;
  }
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
